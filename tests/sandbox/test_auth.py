"""Tokens, providers, modes, and refreshing."""

from typing import Any

import pytest

from teamup_async.sandbox import Sandbox

PATH = "/reports/attendances/data"


async def refresh(session: Any, sandbox: Sandbox, **body: Any) -> tuple[int, Any]:
    async with session.post(f"{sandbox.url}/auth/refresh_access_token", json=body) as answer:
        return answer.status, await answer.json()


@pytest.mark.parametrize("scheme", ["Token", "Bearer", "JWT", "bearer"])
async def test_schemes(call: Any, sandbox: Sandbox, scheme: str) -> None:
    """All three documented schemes are accepted."""
    answered = await call(PATH, headers={"Authorization": f"{scheme} {sandbox.token}"})

    assert answered.status == 200


@pytest.mark.parametrize("header", ["Token nonsense", "Basic dXNlcjpwYXNz", "Token", "nonsense", ""])
async def test_unknown_tokens(call: Any, header: str) -> None:
    """No token, an unknown one or another scheme is a 401."""
    answered = await call(PATH, headers={"Authorization": header})

    assert answered.status == 401
    assert answered.body["code"] in ("authentication_failed", "not_authenticated")


async def test_refused_token(call: Any, sandbox: Sandbox) -> None:
    """One token is known and may do nothing: 403."""
    answered = await call(PATH, token=sandbox.refused_token)

    assert (answered.status, answered.body["code"]) == (403, "permission_denied")


async def test_accounts_differ(call: Any, sandbox: Sandbox) -> None:
    """Two accounts with different data; the shared token reaches both, by the provider header only."""
    first, second = sandbox.accounts
    one = await call(PATH, format="json", token=first.token)
    two = await call(PATH, format="json", token=second.token)
    neither = await call(PATH, format="json", token=sandbox.shared_token)

    assert one.body["total"] != two.body["total"] > 0
    assert one.body["rows"][0] != two.body["rows"][0]
    assert (neither.status, set(neither.body["field_errors"])) == (400, {"TeamUp-Provider-ID"})
    for account, alone in ((first, one), (second, two)):
        headers = {"TeamUp-Provider-ID": str(account.provider_id)}
        shared = await call(PATH, format="json", token=sandbox.shared_token, headers=headers)
        assert shared.body == alone.body


@pytest.mark.parametrize(("provider", "status"), [("714001", 200), ("714002", 403), ("12", 403), ("x", 400)])
async def test_provider_header(call: Any, provider: str, status: int) -> None:
    """The ordinary token reaches the first account and no other."""
    assert (await call(PATH, headers={"TeamUp-Provider-ID": provider})).status == status


@pytest.mark.parametrize(
    ("token", "mode", "status"),
    [
        ("token", "provider", 200),
        ("token", "customer", 403),
        ("customer_token", "customer", 200),
        ("customer_token", "provider", 403),
        ("token", "owner", 400),
    ],
)
async def test_modes(call: Any, sandbox: Sandbox, token: str, mode: str, status: int) -> None:
    """A request in one mode needs a token of that mode."""
    answered = await call(PATH, token=getattr(sandbox, token), headers={"Teamup-Request-Mode": mode})

    assert answered.status == status


async def test_refresh(session: Any, call: Any, sandbox: Sandbox) -> None:
    """Expired tokens get 401; a refresh token gives a new pair, once; the new token works."""
    sandbox.expire_tokens()
    expired = await call(PATH)
    status, made = await refresh(
        session,
        sandbox,
        refresh_token=sandbox.refresh_token,
        new_access_token_type="provider",
        scope=["read"],
    )
    again, _ = await refresh(session, sandbox, refresh_token=sandbox.refresh_token)
    rotated, _ = await refresh(session, sandbox, refresh_token=made["refresh_token"])

    assert (expired.status, expired.body["code"]) == (401, "token_expired")
    assert (status, set(made)) == (200, {"access_token", "expires_in", "refresh_token"})
    assert (again, rotated) == (401, 200)
    headers = {"Teamup-Request-Mode": "provider"}
    assert (await call(PATH, token=made["access_token"], headers=headers)).status == 200


async def test_refresh_makes_customer_tokens(session: Any, call: Any, sandbox: Sandbox) -> None:
    """The documented default of `new_access_token_type` is customer: refused in provider mode."""
    _, made = await refresh(session, sandbox, refresh_token=sandbox.refresh_token)
    answered = await call(PATH, token=made["access_token"], headers={"Teamup-Request-Mode": "provider"})

    assert answered.status == 403


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "refresh_token"),
        ({"refresh_token": 1}, "refresh_token"),
        ({"refresh_token": "x", "new_access_token_type": "owner"}, "new_access_token_type"),
        ({"refresh_token": "x", "scope": "read"}, "scope"),
    ],
)
async def test_bad_refresh(session: Any, sandbox: Sandbox, body: Any, field: str) -> None:
    """A bad body is a 400 that names the field."""
    status, answer = await refresh(session, sandbox, **body)

    assert (status, set(answer["field_errors"])) == (400, {field})


async def test_refresh_needs_json(session: Any, sandbox: Sandbox) -> None:
    """A body that is not JSON, not an object, or not POSTed is refused."""
    url = f"{sandbox.url}/auth/refresh_access_token"
    statuses: list[int] = []
    for body in (b"refresh_token=x", b"[]"):
        async with session.post(url, data=body) as answer:
            statuses.append(answer.status)
    async with session.get(url) as answer:
        statuses.append(answer.status)

    assert statuses == [400, 400, 405]


async def test_unknown_path_and_method(session: Any, call: Any, sandbox: Sandbox) -> None:
    """What is not served is a 404, another method a 405."""
    answered = await call("/reports/nothing/data")
    async with session.delete(sandbox.url + PATH) as answer:
        assert answer.status == 405
    async with session.get(sandbox.url.removesuffix("/api/v2") + PATH) as answer:
        assert answer.status == 404
    assert (answered.status, answered.body["code"]) == (404, "not_found")


def test_tokens_stay_out_of_reprs() -> None:
    """Tokens appear in no repr."""
    sandbox = Sandbox(rows=0)

    assert sandbox.token not in repr(sandbox.accounts)
    assert sandbox.refresh_token not in repr(sandbox.accounts)


async def test_new_tokens(call: Any, sandbox: Sandbox) -> None:
    """Further callers can be made, each with a quota of its own."""
    assert (await call(PATH, token=sandbox.new_token(1))).status == 200
