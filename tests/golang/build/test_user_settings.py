"""What the user set for Go is honoured where it can matter, wherever they set it."""

from __future__ import annotations

from whence.evidence.variant import parse_variant
from whence.golang.build.flags import effective_seed, flags_of
from whence.golang.build.user_settings import read_user_settings


def flags(spec: str, version: str = "1.26.8", goflags: str = "", **keywords: object) -> list[str]:
    user = read_user_settings({"GOENV": "off", "GOFLAGS": goflags})
    return flags_of(parse_variant(spec), user).arguments(version, **keywords)  # type: ignore[arg-type]


def test_the_environment_stands_before_what_go_env_wrote(tmp_path):
    (tmp_path / "env").write_text("GOFLAGS=-tags=written\nCC=written-cc\nCGO_ENABLED=0\n# GOWORK=off\n")
    user = read_user_settings({"GOENV": str(tmp_path / "env"), "CC": "mine", "PATH": ""})
    assert user.goflags == {"tags": "written"}
    assert user.build == {"CC": "mine", "CGO_ENABLED": "0"}
    assert user.gowork == "" and not user.cgo_enabled
    assert read_user_settings({"GOENV": "off", "PATH": ""}).build == {}


def test_cgo_is_on_where_there_is_a_c_compiler(tmp_path):
    compiler = tmp_path / "gcc"
    compiler.write_text("")
    compiler.chmod(0o755)
    assert read_user_settings({"GOENV": "off", "PATH": str(tmp_path)}).cgo_enabled
    assert not read_user_settings({"GOENV": "off", "PATH": "/nowhere"}).cgo_enabled
    assert not read_user_settings({"GOENV": "off", "PATH": str(tmp_path), "CGO_ENABLED": "0"}).cgo_enabled


def test_switches_and_targets_of_the_environment_are_the_variants_business():
    user = read_user_settings({"GOENV": "off", "GOOS": "windows", "GOEXPERIMENT": "x", "GODEBUG": "y=1"})
    assert user.build == {}


def test_each_release_gets_flags_that_it_knows():
    assert flags("tags=a+b", "1.26.8") == ["-buildvcs=false", "-trimpath", "-tags=a,b"]
    assert flags("tags=a+b", "1.17.13") == ["-trimpath", "-tags=a,b"]
    assert flags("tags=a+b", "1.12.17") == ["-tags=a b"]


def test_linker_flags_are_joined_behind_the_users():
    assert flags("ldflags=-s -w", layout_seed=5)[-1] == "-ldflags=-s -w -randlayout=5"
    assert flags("base:", layout_seed=5, free_linknames=True)[-1] == "-ldflags=-randlayout=5 -checklinkname=0"
    assert flags("base:", "1.22.12", free_linknames=True) == ["-buildvcs=false", "-trimpath"]
    assert (effective_seed("1.22.12", 5), effective_seed("1.23.0", 5)) == (None, 5)


def test_goflags_are_honoured_where_the_variant_is_silent():
    goflags = "-tags=a -v '-gcflags=all=-N -l' -trimpath=false -o=x -modcacherw"
    assert flags("base:", goflags=goflags) == ["-buildvcs=false", "-tags=a", "-gcflags=all=-N -l", "-modcacherw"]
    assert "-tags=b" in flags("tags=b", goflags=goflags)
