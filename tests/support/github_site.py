"""A stand-in of GitHub's REST API for the tests: its shapes, its pages, its limits, and what it refuses.

Shapes and statuses as in GitHub's OpenAPI description and the pages "REST API endpoints for search", "Rate limits for
the REST API", "Troubleshooting the REST API" and "Using pagination in the REST API".
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from werkzeug.exceptions import abort
from werkzeug.wrappers import Request, Response

from connectors.testing import TOKEN
from sandbox.body import json_response
from sandbox.quota import Quota
from sandbox.wire import Clock, Service, route
from tests.support.github_search import Invalid, parse, words

_MOST = 1000
_HIDDEN = "The listed users and repositories cannot be searched either because the resources do not exist or you do not have permission to view them."  # noqa: E501


@dataclass
class Repo:
    """One repository; its lists are in the order in which GitHub gives them."""

    name: str
    issues: list[dict[str, Any]] = field(default_factory=list)
    releases: list[dict[str, Any]] = field(default_factory=list)
    runs: list[dict[str, Any]] = field(default_factory=list)
    milestones: list[dict[str, Any]] = field(default_factory=list)
    labels: list[dict[str, Any]] = field(default_factory=list)
    workflows: list[dict[str, Any]] = field(default_factory=list)

    def issue(self, created: str, closed: str | None = None, **more: Any) -> dict[str, Any]:
        number = len(self.issues) + 1
        merged, pull = more.pop("merged", None), more.pop("pull", False) or "merged" in more
        is_pull = pull or merged is not None
        page = f"https://github.com/{self.name}/{'pull' if is_pull else 'issues'}/{number}"
        made: dict[str, Any] = {
            "id": number, "number": number, "title": more.pop("title", f"Thing {number}"), "html_url": page,
            "repository_url": f"https://api.github.com/repos/{self.name}",
            "state": "closed" if closed or merged else "open",
            "state_reason": more.pop("reason", "completed" if closed and not is_pull else None),
            "labels": [{"name": name, "color": "ededed"} for name in more.pop("labels", ())],
            "user": {"login": more.pop("author", "ann"), "type": "User"},
            "assignees": [{"login": name} for name in more.pop("assignees", ())],
            "milestone": {"title": more["milestone"], "number": 1} if more.get("milestone") else None,
            "comments": more.pop("comments", 0), "created_at": created, "updated_at": closed or merged or created,
            "closed_at": closed or merged, "type": None, "score": 1.0,
        }  # fmt: skip
        if is_pull:
            made |= {"draft": more.pop("draft", False), "pull_request": {"html_url": page, "merged_at": merged}}
        self.issues.append(made)
        return made

    def release(self, tag: str, published: str | None, **more: Any) -> None:
        self.releases.insert(0, {
            "id": len(self.releases) + 1, "tag_name": tag, "name": more.pop("title", tag), "draft": published is None,
            "prerelease": more.pop("prerelease", False), "created_at": published or "2026-01-01T00:00:00Z",
            "published_at": published, "author": {"login": "ann"},
            "html_url": f"https://github.com/{self.name}/releases/tag/{tag}",
        })  # fmt: skip

    def run(self, created: str, ended: str, conclusion: str | None = "success", **more: Any) -> None:
        number = len(self.runs) + 1
        self.runs.insert(0, {
            "id": 1000 + number, "name": more.pop("workflow", "CI"),
            "path": more.pop("path", ".github/workflows/ci.yml"),
            "run_number": number, "run_attempt": 1, "event": more.pop("event", "push"),
            "status": "completed" if conclusion else "in_progress", "conclusion": conclusion,
            "head_branch": more.pop("branch", "main"), "display_title": f"Change {number}", "created_at": created,
            "run_started_at": more.pop("started", created), "updated_at": ended, "actor": {"login": "ann"},
            "html_url": f"https://github.com/{self.name}/actions/runs/{1000 + number}",
        })  # fmt: skip

    def milestone(self, title: str, opened: int, closed: int, **more: Any) -> None:
        number = len(self.milestones) + 1
        self.milestones.append({
            "number": number, "title": title, "state": more.pop("state", "open"), "open_issues": opened,
            "closed_issues": closed, "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-02T00:00:00Z",
            "closed_at": None, "due_on": more.pop("due", None), "description": None,
            "html_url": f"https://github.com/{self.name}/milestone/{number}",
        })  # fmt: skip


class GithubSite(Service):
    """api.github.com with some repositories that one token may see."""

    name = "github"

    def __init__(self, *repos: Repo, token: str = TOKEN, prefix: str = "", clock: Clock | None = None,
                 searches: int = 30, timer: Callable[[], float] = time.monotonic) -> None:  # fmt: skip
        quota = Quota(searches, 60.0, key=lambda request: "search" if "/search/" in request.path else None)
        self.repos, self.token, self.prefix = {repo.name: repo for repo in repos}, token, prefix
        self.incomplete = self.no_actions = False
        self.token_ends = ""
        super().__init__(clock, quotas=[quota], timer=timer)

    def over_quota(self, request: Request, quota: Quota, wait: float) -> Response:
        """As GitHub words its primary limit: a 403 with the moment at which it ends, and no Retry-After."""
        now = self.clock.now()
        said = {"message": "API rate limit exceeded for user ID 1.", "documentation_url": "https://docs.github.com/…"}
        reset = str(int(now.timestamp() + wait) + 1)
        headers = {"X-RateLimit-Limit": str(quota.calls), "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}
        return json_response(said, 403, headers)

    def refusal(self, status: int, request: Request) -> Response:
        said = {401: "Bad credentials", 404: "Not Found"}.get(status, f"status {status}")
        return json_response({"message": said, "status": str(status)}, status)

    def _check(self, request: Request) -> None:
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            abort(self.refusal(401, request))
        if not request.headers.get("User-Agent"):
            abort(json_response({"message": "Request forbidden by administrative rules."}, 403))

    def _repo(self, request: Request, owner: str, name: str) -> Repo:
        self._check(request)
        repo = self.repos.get(f"{owner}/{name}")
        return repo if repo is not None else abort(self.refusal(404, request))

    def _page(self, request: Request, found: list[Any], most: int | None = None) -> tuple[list[Any], dict[str, str]]:
        size = min(int(request.args.get("per_page", 30)), 100)
        number = int(request.args.get("page", 1))
        if most is not None and size * number > most + size - 1:
            abort(self._invalid("Only the first 1000 search results are available"))
        start = size * (number - 1)
        headers = {"GitHub-Authentication-Token-Expiration": self.token_ends} if self.token_ends else {}
        if start + size < min(len(found), most or len(found)):
            following = urlencode({**request.args.to_dict(), "page": number + 1})
            headers["Link"] = f'<{self.url}{request.path}?{following}>; rel="next", <{self.url}>; rel="last"'
        return found[start : start + size], headers

    def _invalid(self, said: str) -> Response:
        errors = [{"message": said, "resource": "Search", "field": "q", "code": "invalid"}]
        return json_response({"message": "Validation Failed", "errors": errors, "status": "422"}, 422)

    @route("GET", "/search/issues", "/api/v3/search/issues")
    def search(self, request: Request) -> Any:
        self._check(request)
        text = request.args.get("q", "")
        if not {"is:issue", "is:pr", "is:pull-request"} & set(text.split()):
            said = "Query must include 'is:issue' or 'is:pull-request'"  # as recorded in DataDog/ddqa#116
            return json_response({"message": said, "status": "422"}, 422)
        named = words(text, "repo")
        if any(name not in self.repos for name in named):
            return self._invalid(_HIDDEN)
        try:
            test = parse(text)
        except (Invalid, ValueError) as error:
            return self._invalid(str(error))
        found = [issue for repo in self.repos.values() for issue in repo.issues if test(issue)]
        found.sort(key=lambda issue: issue["created_at"], reverse=request.args.get("order") != "asc")
        items, headers = self._page(request, found, _MOST)
        answer = {"total_count": len(found), "incomplete_results": self.incomplete, "items": items}
        return json_response(answer, headers=headers)

    @route("GET", "/repos/<owner>/<name>/<word>", "/api/v3/repos/<owner>/<name>/<word>")
    def plain(self, request: Request, owner: str, name: str, word: str) -> Any:
        repo = self._repo(request, owner, name)
        if word not in {"releases", "milestones", "labels"}:
            return self.refusal(404, request)
        listed = getattr(repo, word)
        if word == "milestones" and request.args.get("state", "open") != "all":
            listed = [each for each in listed if each["state"] == request.args.get("state", "open")]
        items, headers = self._page(request, listed)
        return json_response(items, headers=headers)

    @route("GET", "/repos/<owner>/<name>/actions/runs", "/repos/<owner>/<name>/actions/workflows/<workflow>/runs")
    def runs(self, request: Request, owner: str, name: str, workflow: str | None = None) -> Any:
        repo = self._repo(request, owner, name)
        if self.no_actions:
            return json_response({"message": "Resource not accessible by personal access token"}, 403)
        if workflow is not None and workflow not in {each["path"].rpartition("/")[2] for each in repo.workflows}:
            return self.refusal(404, request)
        args = request.args
        first, _, last = args.get("created", "..").partition("..")
        found = [
            run
            for run in repo.runs
            if (workflow is None or run["path"].endswith(f"/{workflow}"))
            and all(
                run[key] == args[word] for word, key in (("branch", "head_branch"), ("event", "event")) if word in args
            )
            and args.get("status", run["status"]) in (run["status"], run["conclusion"])
            and (not first or first <= run["created_at"] <= last)
        ]
        limited = bool({"branch", "event", "status", "created", "actor"} & set(args))
        items, headers = self._page(request, found[:_MOST] if limited else found)
        return json_response({"total_count": len(found), "workflow_runs": items}, headers=headers)

    @route("GET", "/repos/<owner>/<name>/actions/workflows", "/api/v3/repos/<owner>/<name>/actions/workflows")
    def workflows(self, request: Request, owner: str, name: str) -> Any:
        repo = self._repo(request, owner, name)
        if self.no_actions:
            return json_response({"message": "Resource not accessible by personal access token"}, 403)
        items, headers = self._page(request, repo.workflows)
        return json_response({"total_count": len(repo.workflows), "workflows": items}, headers=headers)

    @route("GET", "/user/repos")
    def mine(self, request: Request) -> Any:
        self._check(request)
        found = [{"full_name": name, "private": True, "description": None} for name in self.repos]
        items, headers = self._page(request, found)
        return json_response(items, headers=headers)
