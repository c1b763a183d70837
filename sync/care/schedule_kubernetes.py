"""A schedule of Kubernetes: a CronJob, whose config is a ConfigMap and whose secrets are mounted as files.

Fields: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/cron-job-v1/ (``timeZone`` since 1.27).
"""

from __future__ import annotations

import shlex
from pathlib import PurePosixPath
from typing import Any

import yaml

from sync.care.schedule import Job, ScheduleFile, check_online, render_cron

NAME = "okr-sync"
FOLDER = "/etc/okr-sync"
SECRETS = "/run/secrets/okr-sync"
USER = 10001


def render_kubernetes(job: Job, image: str) -> tuple[ScheduleFile, ...]:
    """The CronJob, with the commands that make its ConfigMap and its Secret in the head."""
    check_online(job, "Kubernetes")
    text = yaml.safe_dump(_cron_job(job, image), sort_keys=False, allow_unicode=True, width=120)
    return (ScheduleFile("okr-sync.yaml", "\n".join([*_head(job), text])),)


def _head(job: Job) -> list[str]:
    config = [f"--from-file={_key(path)}={shlex.quote(path)}" for path in job.files]
    secret = ["--from-file=env=secrets.env"] if job.variables else []
    secret += [f"--from-file={_key(path)}={shlex.quote(path)}" for path in job.secret_files]
    lines = [
        "# okr-sync as a CronJob. Once, and again when a file changes (delete it first, or --dry-run=client and apply):"
    ]
    lines += [f"#   kubectl create configmap {NAME} {' '.join(config)}"]
    lines += [f"#   kubectl create secret generic {NAME} {' '.join(secret)}"] if secret else []
    if job.variables:
        lines += [f"# secrets.env has a line NAME=VALUE for each of: {', '.join(job.variables)}. Keep it out of git."]
    lines += [
        "# Then: kubectl apply -f okr-sync.yaml. Try it now: kubectl create job --from=cronjob/okr-sync okr-sync-now"
    ]
    return lines


def _key(path: str) -> str:
    """A path as a ConfigMap's key, which may hold letters, digits, ``-``, ``_`` and ``.`` only."""
    return "".join(char if char.isascii() and (char.isalnum() or char in "-_.") else "_" for char in path.strip("/~"))


def _cron_job(job: Job, image: str) -> dict[str, Any]:
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": NAME, "labels": {"app.kubernetes.io/name": NAME}},
        "spec": {
            "schedule": render_cron(job.moment.at, job.moment.days),
            "timeZone": job.moment.zone.key,
            "concurrencyPolicy": "Forbid",
            "startingDeadlineSeconds": 3600,
            "successfulJobsHistoryLimit": 3,
            "failedJobsHistoryLimit": 5,
            "jobTemplate": {"spec": _job_spec(job, image)},
        },
    }


def _job_spec(job: Job, image: str) -> dict[str, Any]:
    return {
        "backoffLimit": 0,
        "activeDeadlineSeconds": job.seconds,
        "template": {
            "metadata": {"labels": {"app.kubernetes.io/name": NAME}},
            "spec": {
                "restartPolicy": "Never",
                "automountServiceAccountToken": False,
                "terminationGracePeriodSeconds": 90,
                "securityContext": {
                    "runAsNonRoot": True,
                    "runAsUser": USER,
                    "runAsGroup": USER,
                    "fsGroup": USER,
                    "seccompProfile": {"type": "RuntimeDefault"},
                },
                "containers": [_container(job, image)],
                "volumes": _volumes(job),
            },
        },
    }


def _container(job: Job, image: str) -> dict[str, Any]:
    args = ["--log-format", "json", "--config", f"{FOLDER}/{job.config}"]
    args += ["--env-file", f"{SECRETS}/env"] if job.variables else []
    args += ["run", *(["--partial-exit", "never"] if job.tells else [])]
    mounts: list[dict[str, Any]] = [{"name": "config", "mountPath": FOLDER, "readOnly": True}]
    mounts += [{"name": "secrets", "mountPath": SECRETS, "readOnly": True}] if job.variables else []
    mounts += [
        {"name": "secrets", "mountPath": path, "subPath": _key(path), "readOnly": True}
        for path in job.secret_files
        if PurePosixPath(path).is_absolute()
    ]
    return {
        "name": NAME,
        "image": image,
        "args": args,
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "512Mi"}},
        "volumeMounts": [*mounts, {"name": "tmp", "mountPath": "/tmp"}],  # noqa: S108 - the container's own
    }


def _volumes(job: Job) -> list[dict[str, Any]]:
    beside = [path for path in job.secret_files if not PurePosixPath(path).is_absolute()]
    sources: list[dict[str, Any]] = [{"configMap": {"name": NAME, "items": _items(job.files)}}]
    sources += [{"secret": {"name": NAME, "items": _items(beside)}}] if beside else []
    volumes: list[dict[str, Any]] = [{"name": "config", "projected": {"sources": sources, "defaultMode": 0o440}}]
    if job.variables or len(beside) < len(job.secret_files):
        volumes += [{"name": "secrets", "secret": {"secretName": NAME, "defaultMode": 0o440}}]
    return [*volumes, {"name": "tmp", "emptyDir": {"sizeLimit": "64Mi"}}]


def _items(paths: tuple[str, ...] | list[str]) -> list[dict[str, str]]:
    return [{"key": _key(path), "path": path} for path in paths]
