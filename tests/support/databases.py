"""Real PostgreSQL and MariaDB servers on loopback, in a folder of their own, as a user of their own.

PostgreSQL refuses to run as root; as root the servers run as the users that Debian's packages bring. Durability is
off: nothing of it outlives the tests.
"""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.tools import needs_found

PASSWORD = "tok-3nl1ghten3d-s3cret"


def postgres_bin() -> str | None:
    """The folder of the newest PostgreSQL's programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[4]))
    path = found[-1] if found else shutil.which("postgres")
    return str(Path(path).parent) if path else None


def _find(program: str) -> str | None:
    """A program, also one that only an administrator's PATH leads to."""
    return shutil.which(program) or shutil.which(program, path="/usr/sbin:/sbin:/usr/local/sbin")


def mariadb_server() -> str | None:
    return _find("mariadbd")


needs_postgres = needs_found("PostgreSQL", postgres_bin())
needs_mariadb = needs_found("MariaDB", mariadb_server())


def _as_user(user: str) -> list[str]:
    return [_find("runuser") or "runuser", "-u", user, "--"] if os.geteuid() == 0 else []


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def _folder(user: str) -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="okr-db-", dir="/tmp"))
    try:
        if os.geteuid() == 0:
            shutil.chown(path, user)
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _await(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise RuntimeError(f"the server ended: {log.read_text(errors='replace')[-2000:]}")
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("the server does not listen")


@contextmanager
def _running(command: list[str], port: int, folder: Path) -> Iterator[None]:
    log = folder / "server.log"
    with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out, cwd=folder) as process:
        try:
            _await(port, process, log)
            yield
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


@contextmanager
def serving_postgres() -> Iterator[str]:
    """Its address as its owner, with password."""
    programs = postgres_bin()
    with _folder("postgres") as folder:
        secret = folder / "password"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        data, port = folder / "data", _free_port()
        initdb = [f"{programs}/initdb", "-D", str(data), "-U", "owner", "-A", "scram-sha-256", f"--pwfile={secret}"]
        options = ["--encoding=UTF8", "--locale=C", "--no-sync"]
        subprocess.run([*_as_user("postgres"), *initdb, *options], check=True, capture_output=True, cwd=folder)
        server = [f"{programs}/postgres", "-D", str(data), "-p", str(port), "-k", str(folder), "-h", "127.0.0.1"]
        quick = ["-c", "fsync=off", "-c", "full_page_writes=off", "-c", "shared_buffers=16MB"]
        with _running([*_as_user("postgres"), *server, *quick], port, folder):
            _await_ready(f"postgresql+psycopg://owner:{PASSWORD}@127.0.0.1:{port}/postgres")
            yield f"postgresql+psycopg://owner:{PASSWORD}@127.0.0.1:{port}/postgres"


@contextmanager
def serving_mariadb() -> Iterator[str]:
    """Its address as its owner, with password."""
    with _folder("mysql") as folder:
        data, port = folder / "data", _free_port()
        install = [
            "mariadb-install-db",
            "--no-defaults",
            f"--datadir={data}",
            "--auth-root-authentication-method=normal",
        ]
        quiet = ["--skip-test-db", *([] if os.geteuid() else ["--user=mysql"])]
        subprocess.run([*install, *quiet], check=True, capture_output=True, cwd=folder)
        start = folder / "start.sql"
        start.write_text(
            "CREATE DATABASE acme CHARACTER SET utf8mb4;\n"
            f"CREATE USER 'owner'@'127.0.0.1' IDENTIFIED BY '{PASSWORD}';\n"
            "GRANT ALL ON *.* TO 'owner'@'127.0.0.1' WITH GRANT OPTION;\n"
        )
        start.chmod(0o644)
        server = [
            mariadb_server() or "",
            "--no-defaults",
            f"--datadir={data}",
            f"--port={port}",
            "--bind-address=127.0.0.1",
        ]
        more = [f"--socket={folder}/s", f"--pid-file={folder}/pid", f"--init-file={start}", "--skip-name-resolve"]
        quick = ["--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=16M", "--skip-log-bin"]
        user = [] if os.geteuid() else ["--user=mysql"]
        with _running([*server, *more, *quick, *user], port, folder):
            _await_ready(f"mysql+pymysql://owner:{PASSWORD}@127.0.0.1:{port}/acme")
            yield f"mysql+pymysql://owner:{PASSWORD}@127.0.0.1:{port}/acme?charset=utf8mb4"


def _await_ready(url: str) -> None:
    import sqlalchemy as sa

    engine = sa.create_engine(url)
    for attempt in range(200):
        try:
            engine.connect().close()
            break
        except sa.exc.OperationalError:
            if attempt == 199:
                raise
            time.sleep(0.05)
    engine.dispose()
