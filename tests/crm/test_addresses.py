"""Which addresses may be sent to: nothing that only Razbor can reach, however it is written."""

from ipaddress import ip_address

import pytest

from crm.rules.addresses import BadAddress, checked, is_reachable, read_url

INSIDE = ["127.0.0.1", "127.8.8.8", "10.1.2.3", "172.31.255.255", "192.168.0.1", "100.64.0.1", "::1", "fd00::1"]
NEVER = [
    "0.0.0.0",
    "0.1.2.3",
    "169.254.169.254",
    "192.0.0.8",
    "192.88.99.1",
    "198.18.0.1",
    "203.0.113.7",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "fe80::1",
    "fe80::1%eth0",
    "2a00::1%eth0",
    "fec0::1",
    "ff02::1",
    "4000::1",
]
OUTSIDE = ["8.8.8.8", "93.184.216.34", "100.128.0.1", "172.32.0.1", "2606:4700::1111", "2a02:6b8::2:242"]


@pytest.mark.parametrize("text", OUTSIDE)
def test_servers_on_the_internet_are_reached(text: str) -> None:
    assert is_reachable(address=ip_address(text), may_reach_private=False)
    assert ip_address(text).is_global  # the standard library, which knows less, agrees


@pytest.mark.parametrize("text", INSIDE)
def test_addresses_inside_are_reached_only_where_the_installation_says_so(text: str) -> None:
    assert not is_reachable(address=ip_address(text), may_reach_private=False)
    assert is_reachable(address=ip_address(text), may_reach_private=True)


@pytest.mark.parametrize("private", [False, True])
@pytest.mark.parametrize("text", NEVER)
def test_some_addresses_are_never_reached(text: str, private: bool) -> None:
    assert not is_reachable(address=ip_address(text), may_reach_private=private)


def test_one_bad_address_of_a_name_spoils_all() -> None:
    assert checked(addresses=["8.8.8.8", "2a02:6b8::1"], may_reach_private=False) == ["8.8.8.8", "2a02:6b8::1"]
    with pytest.raises(BadAddress, match=r"10\.0\.0\.1"):
        checked(addresses=["8.8.8.8", "10.0.0.1"], may_reach_private=False)
    with pytest.raises(BadAddress):
        checked(addresses=[], may_reach_private=False)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://example.com/", "not_https"),
        ("ftp://example.com/", "not_https"),
        ("file:///etc/passwd", "not_https"),
        ("//example.com/", "not_https"),
        ("example.com", "not_https"),
        ("https://user@example.com/", "userinfo_in_url"),
        ("https://user:secret@example.com/", "userinfo_in_url"),
        ("https://example.com@127.0.0.1/", "userinfo_in_url"),
        ("https://example.com\\@127.0.0.1/", "bad_url"),
        ("https://exa mple.com/", "bad_url"),
        ("https://example.com/\r\nHost: inside", "bad_url"),
        ("https://пример.рф/", "bad_url"),
        ("https://example.com:99999/", "bad_url"),
        ("https://example.com/#part", "bad_url"),
        ("https://[::1/", "bad_url"),
        ("https://example.com/" + "x" * 500, "bad_url"),
        ("https:///path", "bad_host"),
        ("https://exam%70le.com/", "bad_host"),
        ("https://-example.com/", "bad_host"),
        ("https://0x7f.1/", "bad_host"),
        ("https://0x7f000001/", "bad_host"),
        ("https://0X7F.0.0.1/", "bad_host"),
        ("https://2130706433/", "bad_host"),
        ("https://017700000001/", "bad_host"),
        ("https://0177.0.0.1/", "bad_host"),
        ("https://127.1/", "bad_host"),
        ("https://127.0.0.1./", "bad_host"),
        ("https://example.com.0x7f/", "bad_host"),
        ("https://localhost/", "address_inside"),
        ("https://api.localhost/", "address_inside"),
        ("https://LOCALHOST/", "address_inside"),
        ("https://127.0.0.1/", "address_inside"),
        ("https://[::1]/", "address_inside"),
        ("https://[::ffff:127.0.0.1]/", "address_inside"),
        ("https://[64:ff9b::7f00:1]/", "address_inside"),
        ("https://[2002:7f00:1::]/", "address_inside"),
        ("https://169.254.169.254/latest/meta-data/", "address_inside"),
        ("https://example.com:22/", "odd_port"),
        ("https://example.com:6379/", "odd_port"),
        ("https://example.com:0/", "odd_port"),
    ],
)
def test_a_url_that_could_reach_inside_is_refused(url: str, code: str) -> None:
    with pytest.raises(BadAddress) as refused:
        read_url(url=url, plain_http=False, may_reach_private=False)
    assert (refused.value.code, refused.value.field) == (code, "url")


@pytest.mark.parametrize(
    ("url", "authority", "path"),
    [
        ("https://example.com", "example.com", "/"),
        ("https://Example.com:443/hooks?a=1", "example.com", "/hooks?a=1"),
        ("https://example.com.:8443/h", "example.com:8443", "/h"),
        ("https://xn--e1afmkfd.xn--p1ai/", "xn--e1afmkfd.xn--p1ai", "/"),
        ("https://8.8.8.8/", "8.8.8.8", "/"),
        ("https://[2606:4700::1111]:9000/", "[2606:4700::1111]:9000", "/"),
    ],
)
def test_a_url_of_another_server_is_taken_apart(url: str, authority: str, path: str) -> None:
    target = read_url(url=url, plain_http=False, may_reach_private=False)
    assert (target.authority, target.path) == (authority, path)


def test_an_installation_may_send_to_its_own_network_but_not_to_metadata() -> None:
    target = read_url(url="http://127.0.0.1:43210/x", plain_http=True, may_reach_private=True)
    assert (target.scheme, target.host, target.port) == ("http", "127.0.0.1", 43210)
    with pytest.raises(BadAddress):
        read_url(url="http://169.254.169.254/", plain_http=True, may_reach_private=True)
