"""Everything that is checked before a change is taken: run `nox`, or one session of `nox --list`.

Needs Python 3.11 or later, pip and the package index; nothing else is downloaded.
"""

import atexit
import json
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

import nox

if sys.version_info < (3, 11):  # noqa: UP036 - read by whatever `python3` is
    sys.exit(f"teamup_async needs Python 3.11 or later; this is {sys.version.split()[0]} ({sys.executable}).")

nox.needs_version = ">=2025.5.1"
nox.options.default_venv_backend = "virtualenv"
nox.options.error_on_missing_interpreters = False  # on a developer's machine, and with CI=true as well
nox.options.reuse_existing_virtualenvs = False
nox.options.sessions = ["lint", "tests"]

HERE = Path(__file__).parent
PROJECT = nox.project.load_toml(HERE / "pyproject.toml")
OWN = f"{sys.version_info.major}.{sys.version_info.minor}"
"""The Python that nox itself runs on: it is always there, so every session that needs just one uses it."""
PYTHONS = sorted({"3.11", "3.12", "3.13", "3.14", OWN}, key=lambda version: int(version.partition(".")[2]))

PURE = """
    _json _memo dialect errors hints objects rows query endpoint endpoints envelope signatures _lazy auth config
    doctor/diagnosis doctor/disguise doctor/reply lists/* reports/* _decoding/* _report/* _exports/job _http/answer
    _http/policy _http/redact _http/suspects _http/undeclared logs stats
    _walking/adapting _walking/ending _walking/headers _walking/learned _walking/plan _walking/position
    _walking/record _walking/route _walking/seams _walking/totals
    sinks/cells sinks/history sinks/naming sinks/pieces sinks/postgres_address telemetry/naming
""".split()
"""Modules without I/O: every line and every branch of them is tested, by tests without I/O."""
GUIDE = "tests/engines/test_guide.py"
PURE_TESTS = ("tests/unit", "tests/facts")
ELSEWHERE = """
    tests/unit tests/http/test_cleanup.py tests/http/test_faults.py tests/http/test_own_http.py
    tests/http/test_shared_quota.py tests/http/test_timeouts.py tests/http/test_token_refresh.py
    tests/bulk/test_accounts.py tests/bulk/test_interrupted.py tests/bulk/test_pull.py
    tests/walking/test_streams.py tests/sandbox/test_lifecycle.py
    tests/cli/test_help.py tests/cli/test_process.py tests/cli/test_usage.py
    tests/blocking/test_process.py
    tests/hostile/test_secrets.py tests/hostile/test_secrets_echoed.py tests/hostile/test_secrets_commands.py
    tests/test_package.py
""".split()
"""Tests of what may differ from one Python to another; those marked `slow` are left out there, and hypothesis
tries few examples: rules are the same everywhere, but not event loops, TLS, annotations, signals and packaging.
"""


# --- interpreters -----------------------------------------------------------------------------------------


def works(command: str) -> bool:
    """Whether `command` starts a Python: what a version manager puts on PATH may be a mere placeholder."""
    try:
        done = subprocess.run([command, "-c", ""], capture_output=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def find_interpreters() -> None:
    """Put pyenv's interpreters at the end of PATH where PATH has no working one of that version."""
    versions = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    for python in PYTHONS:
        if python == OWN or works(f"python{python}"):
            continue
        for directory in sorted(versions.glob(f"{python}.*/bin")):
            if works(str(directory / f"python{python}")):
                os.environ["PATH"] += os.pathsep + str(directory)
                break


find_interpreters()


# --- installing, and the wheel ----------------------------------------------------------------------------


def find_uv() -> str | None:
    """Where uv is, if it was installed beside nox: it installs in a third of the time that pip takes."""
    try:
        from uv import find_uv_bin

        return str(find_uv_bin())
    except (ImportError, FileNotFoundError):
        return None


def tell_uv_what_pip_knows() -> None:
    """Have uv use the package index and the certificates that pip was told to use."""
    asked = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]
    configured = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
    for name, value in (
        ("UV_DEFAULT_INDEX", os.environ.get("PIP_INDEX_URL") or configured),
        ("SSL_CERT_FILE", os.environ.get("PIP_CERT")),
    ):
        if value:
            os.environ.setdefault(name, value)


fast: list[str] = [found] if (found := find_uv()) else []
"""Where uv is, while it works."""
if fast:
    tell_uv_what_pip_knows()


def with_uv(session: nox.Session, *command: str) -> bool:
    """Run a command of uv for a session, and say whether that worked; where it did not, pip has its turn."""
    if not fast:
        return False
    session.log(f"uv {' '.join(command)}")
    done = subprocess.run(
        [*fast, *command, "--quiet", "--python", session.virtualenv.location], check=False, cwd=HERE
    )
    if done.returncode != 0:
        session.warn("uv failed; pip will do from here on")
        fast.clear()
    return done.returncode == 0


built: list[Path] = []


def wheel(session: nox.Session) -> Path:
    """Build the sdist, and the wheel from the sdist, once in a run; give the wheel's path."""
    if not built:
        target = session.cache_dir / "dist"
        for old in target.glob("teamup_async-*"):
            old.unlink()
        if not with_uv(session, "build", "--out-dir", str(target), str(HERE)):
            session.install("build")
            session.run("python", "-m", "build", "--outdir", str(target), str(HERE), silent=True)
        built.extend(target.glob("*.whl"))
    return built[0].resolve()


def install_all(session: nox.Session, *requirements: str) -> None:
    """Install requirements, with uv if it is there.

    Most of what is installed is never imported: what is, is compiled then, once.
    """
    session.env["PYTHONDONTWRITEBYTECODE"] = ""
    if not with_uv(session, "pip", "install", *requirements):
        session.install("--no-compile", *requirements)


EXTRAS = [extra for extra in PROJECT["project"]["optional-dependencies"] if extra != "spark"]
"""Spark is 430 MB: it has a session of its own."""


def install(
    session: nox.Session, *groups: str, constraints: Path | None = None, more: tuple[str, ...] = ()
) -> None:
    """Install the wheel with its extras, and the dependency groups, in one go."""
    extras = ",".join([*EXTRAS, *more])
    bounds = ["--constraint", str(constraints)] if constraints else []
    requirements = nox.project.dependency_groups(PROJECT, *groups) if groups else ()
    install_all(session, f"teamup-async[{extras}] @ {wheel(session).as_uri()}", *requirements, *bounds)


def lowest_of(session: nox.Session, requirements: list[str]) -> Path:
    """Constraints that hold requirements at the lowest version that they allow."""
    bounds = session.cache_dir / "lowest.txt"
    bounds.write_text(
        "".join(re.sub(r">=([\w.]+).*", r"==\1\n", requirement) for requirement in requirements)
    )
    return bounds


def sdist(session: nox.Session) -> Path:
    """The source distribution that the wheel was built from."""
    return next(wheel(session).parent.glob("*.tar.gz"))


# --- counting ---------------------------------------------------------------------------------------------

reports: list[Path] = []
pythons: set[str] = set()


def counted(report: Path) -> tuple[int, int, int]:
    """How many tests passed, failed and were skipped, from a report in JUnit's format."""
    total = failed = skipped = 0
    for suite in ET.parse(report).iter("testsuite"):
        total += int(suite.get("tests", 0))
        failed += int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        skipped += int(suite.get("skipped", 0))
    return total - failed - skipped, failed, skipped


@atexit.register
def closing_line() -> None:
    """Say, as the last line of the run, how many tests ran in all."""
    if not reports or "--install-only" in sys.argv:
        return
    done = [counted(report) for report in reports if report.exists()]
    lost = len(reports) - len(done)
    passed, failed, skipped = (sum(column) for column in zip(*done, strict=True)) if done else (0, 0, 0)
    sys.stderr.flush()
    print(f"\nTests in all, on Python {', '.join(sorted(pythons))}:")
    end = f", {skipped} skipped" if skipped else ""
    print(f"{passed} passed, {failed + lost} failed{end}", flush=True)


def pytest(session: nox.Session, *command: str, name: str, env: dict[str, str] | None = None) -> None:
    """Run the tests against the installed wheel; `command` starts pytest."""
    report = session.cache_dir.resolve() / f"{name}.xml"
    report.unlink(missing_ok=True)
    reports.append(report)
    pythons.add(str(session.python))
    session.run(
        *command,
        f"--junit-xml={report}",
        *session.posargs,
        env={
            "PYTHONSAFEPATH": "1",  # neither the checkout nor a script's folder gets onto sys.path
            "TEAMUP_ASYNC_TESTED": str(next(Path(session.virtualenv.location).rglob("site-packages"))),
            **(env or {}),
        },
    )


# --- sessions ---------------------------------------------------------------------------------------------


@nox.session(python=OWN)
def lint(session: nox.Session) -> None:
    """Ruff: rules and format."""
    install_all(session, *nox.project.dependency_groups(PROJECT, "lint"))
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")


@nox.session(python=OWN, default=False)
def types(session: nox.Session) -> None:
    """Check the types of the package and of tests/typing, as `tests` does too."""
    install(session, "types")
    check_types(session)


def check_types(session: nox.Session) -> None:
    """Run mypy --strict and pyright in strict mode."""
    session.run("mypy")
    session.run("pyright", "--warnings")


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Test the wheel: on nox's own Python all of it, types too; on the others what may differ there.

    Arguments after -- go to pytest, and nothing else is done.
    """
    own = session.python == OWN and not session.posargs
    install(session, "types" if own else "tests", *(["docs"] if session.python == OWN else []))
    name = f"tests-{session.python}"
    chosen = any(re.match(r"-n|--numprocesses", argument) for argument in session.posargs)
    # Three on two cores: many tests wait, for another process or for a server. Who has nothing left to do takes
    # tests from another; before that each has whole files, so that few need the same fixtures.
    command = ("python", "-m", "pytest", *(() if chosen else ("-n3", "--dist=worksteal")))
    if session.posargs:
        pytest(session, *command, name=name)
    elif own:
        check_types(session)
        cover_pure(session)
        pytest(session, *command, "tests", *(f"--ignore={path}" for path in PURE_TESTS), name=name)
    else:
        pytest(session, *command, "-m", "not slow", "--hypothesis-profile=few", *ELSEWHERE, name=name)


def cover_pure(session: nox.Session) -> None:
    """Run the tests that need no I/O; they must reach every line and branch of the modules that have none."""
    session.run("coverage", "erase")
    name = f"pure-{session.python}"
    pytest(session, "coverage", "run", "-m", "pytest", "-n2", *PURE_TESTS, name=name)
    session.run("coverage", "combine", "--quiet")
    pure = ",".join(f"teamup_async/{module}.py" for module in PURE)
    session.run("coverage", "report", f"--include={pure}", "--fail-under=100")


@nox.session(python=OWN, default=False)
def coverage(session: nox.Session) -> None:
    """Measure which lines of the whole package all tests together reach."""
    install(session, "tests")
    session.run("coverage", "erase")
    pytest(session, "coverage", "run", "-m", "pytest", "-n2", *session.posargs, name="coverage")
    session.run("coverage", "combine", "--quiet")
    session.run("coverage", "report")


@nox.session(python=OWN, default=False)
def lowest(session: nox.Session) -> None:
    """Test with the lowest versions of the dependencies that pyproject.toml allows."""
    declared = [*PROJECT["project"]["dependencies"]]
    for extra in PROJECT["project"]["optional-dependencies"].values():
        declared += extra
    bounds = lowest_of(session, declared)
    install(session, "tests", constraints=bounds)
    pytest(session, "python", "-m", "pytest", "-n2", name="lowest")


@nox.session(python=OWN, default=False)
def drift(session: nox.Session) -> None:
    """Walk 3,000 schedules of moving rows for each way to walk (some minutes)."""
    install(session, "tests")
    command = ("python", "-m", "pytest", "-n2", "tests/walking/test_drift.py")
    pytest(session, *command, name="drift", env={"TEAMUP_ASYNC_SCHEDULES": "3000"})


@nox.session(python=OWN, default=False)
def dialects(session: nox.Session) -> None:
    """Ask all endpoints, and the doctor, in every dialect that deviates in one field, and in 200 combinations."""
    install(session, "tests")
    doctor = "tests/doctor/test_diagnosis.py"
    command = ("python", "-m", "pytest", "-n2", "tests/dialects", doctor)
    pytest(session, *command, name="dialects", env={"TEAMUP_ASYNC_DIALECTS": "200"})


@nox.session(python=OWN, default=False)
def load(session: nox.Session) -> None:
    """Let 200 accounts pull at once for 20 windows of their quotas: a million requests (some minutes)."""
    install(session, "tests")
    command = ("python", "-m", "pytest", "tests/load")
    pytest(session, *command, name="load", env={"TEAMUP_ASYNC_LOAD": "200 20 250"})


@nox.session(python=OWN, default=False)
@nox.parametrize("version", ["newest", "lowest"], ids=["newest", "lowest"])
def spark(session: nox.Session, version: str) -> None:
    """Test the data source on a real Spark, the newest and the lowest (needs Java; some minutes).

    `.ci/run` installs and tests the newest.
    """
    declared = PROJECT["project"]["optional-dependencies"]["spark"]
    bounds = lowest_of(session, declared) if version == "lowest" else None
    install(session, "tests", constraints=bounds, more=("spark",))
    command = ("python", "-m", "pytest", "tests/spark", GUIDE, "-k", "not test_program or dask or spark")
    pytest(session, *command, name=f"spark-{version}", env={"TEAMUP_ASYNC_ENGINES": "yes"})


@nox.session(python=OWN, default=False)
@nox.parametrize("engine", ["ray", "apache-airflow", "dagster"], ids=["ray", "airflow", "dagster"])
def engines(session: nox.Session, engine: str) -> None:
    """Run the programs of docs/engines.md for Ray, Airflow and Dagster, each in an environment of its own."""
    tools = ("hypothesis", "pytest")
    needed = [one for one in nox.project.dependency_groups(PROJECT, "tests") if one.startswith(tools)]
    package = f"teamup-async[cli,parquet] @ {wheel(session).as_uri()}"
    install_all(session, package, engine, *needed)
    command = ("python", "-m", "pytest", GUIDE, "-k", engine.removeprefix("apache-"))
    pytest(session, *command, name=f"engines-{engine}", env={"TEAMUP_ASYNC_ENGINES": "yes"})


@nox.session(python=OWN, default=False)
def docs(session: nox.Session) -> None:
    """Compare what is made from declarations with them, and build the site offline; warnings are errors."""
    install(session, "docs")
    session.run("python", "-P", "docs/reference.py", "--check")
    strict = ("--nitpicky", "--fail-on-warning", "--keep-going", "--fresh-env")
    session.run("sphinx-build", "--builder=html", *strict, "--jobs=auto", "docs", "docs/_build")


@nox.session(python=OWN, default=False)
def demo(session: nox.Session) -> None:
    """Run the main job: all endpoints at once from a sandbox, with a table for each."""
    install(session)
    session.run("teamup", "demo", *session.posargs)


@nox.session(python=OWN, default=False)
def release(session: nox.Session) -> None:
    """Check what would be published: its contents, its metadata, the core on its own, known vulnerabilities."""
    made, sources = wheel(session), sdist(session)
    check_contents(session, made, sources)
    install_all(session, made.as_uri())
    session.run("python", "-P", "-c", CORE_ALONE)
    said = session.run("teamup-async", "--version", silent=True, success_codes=[2])
    if "teamup-async[cli]" not in str(said):
        session.error(f"without the extra cli, the command must say what to install, not {said!r}")
    unknown = audit(session)
    install_all(session, "twine")
    session.run("twine", "check", "--strict", str(made), str(sources))
    if unknown is not None:  # the last word, so that nobody takes silence for an answer
        session.warn(unknown)


CORE_ALONE = """
import importlib.metadata as metadata, sys
from teamup_async import TeamUp, reports
from teamup_async.sandbox import Sandbox
from teamup_async.sinks import sink_named
sink_named("jsonl:here"), sink_named("sqlite:here.db")
assert metadata.version("teamup-async") == sys.modules["teamup_async"].__version__
"""
"""What must work with no extra installed."""


def check_contents(session: nox.Session, made: Path, sources: Path) -> None:
    """Compare the files in the wheel with the package, and the source distribution with what git knows."""
    listed = subprocess.run(["git", "ls-files"], capture_output=True, text=True, check=False, cwd=HERE)
    if listed.returncode:
        session.error("what a release holds is compared with git: run this in a clone")
    known = set(listed.stdout.split("\n")) - {""}
    with zipfile.ZipFile(made) as archive:
        inside = {name for name in archive.namelist() if ".dist-info/" not in name}
    package = {name for name in known if name.startswith("teamup_async/")}
    with tarfile.open(sources) as archive:
        shipped = {name.partition("/")[2] for name in archive.getnames()} - {"PKG-INFO"}
    left_out = {".gitattributes", ".pre-commit-config.yaml"}
    for what, there, wanted in (("wheel", inside, package), ("sdist", shipped, known - left_out)):
        if there != wanted:
            session.error(f"{what}: {sorted(there ^ wanted)} differ from what git knows")
    if "teamup_async/py.typed" not in inside:
        session.error("wheel: py.typed is missing")


def audit(session: nox.Session) -> str | None:
    """Look the core's dependencies up among known vulnerabilities; gives what to say where that was not possible."""
    pins = session.cache_dir / "core.txt"
    frozen = session.run("python", "-m", "pip", "freeze", "--exclude", "teamup-async", silent=True)
    pins.write_text(str(frozen))
    install_all(session, "pip-audit")
    report = session.cache_dir / "audit.json"
    report.unlink(missing_ok=True)
    # It ends with 1 both for a vulnerability and where its service can't be reached; the report tells.
    command = ("pip-audit", "--no-deps", "--disable-pip", "-r", str(pins), "-f", "json", "-o", str(report))
    session.run(*command, success_codes=[0, 1], silent=True)
    found = json.loads(report.read_text())["dependencies"] if report.exists() else []
    looked_up = [one for one in found if "vulns" in one]
    for one in looked_up:
        if one["vulns"]:
            session.error(f"{one['name']} {one['version']}: {[each['id'] for each in one['vulns']]}")
    count = len(pins.read_text().splitlines())
    if len(looked_up) == count:
        session.log(f"pip-audit: {count} packages, no known vulnerability")
        return None
    unknown = (
        f"NOT CHECKED for known vulnerabilities: {count - len(looked_up)} of {count} packages, because pip-audit "
        "can't reach its service. Run this session again where it can, before you publish."
    )
    if "CI" in os.environ:
        session.error(unknown)
    return unknown


@nox.session(python=False, default=False)
def bench(session: nox.Session) -> None:
    """Measure against floors and peers, each in its own environment; `-- --quick`: the gates only."""
    session.run(sys.executable, "-m", "benchmarks", *session.posargs)
