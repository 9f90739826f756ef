"""Loads the native module first, and says what to do where that fails."""

from __future__ import annotations

_WHEELS = (
    "There are wheels for CPython 3.10 and later on Linux (x86-64 and ARM64, glibc 2.17 or later, "
    "and musl), macOS (x86-64 and ARM64) and Windows (x86-64 and ARM64). For anything else, "
    "install Rust 1.88 or later and a C compiler, and run: pip install --no-binary w3pin w3pin"
)


def _explain(cause: ImportError) -> str:
    import platform
    import sys
    import sysconfig

    if "subinterpreters" in str(cause):
        return (
            f"w3pin can't be imported in a subinterpreter: {cause}. Import it in the main "
            "interpreter, or start another process"
        )
    version = platform.python_version()
    here = f"{platform.python_implementation()} {version} on {sysconfig.get_platform()}"
    if isinstance(cause, ModuleNotFoundError) and cause.name == "w3pin._native":
        problem = (
            f"w3pin's native module for {here} isn't installed. Was the package copied from "
            f"another platform or Python? Install it here: {sys.executable} -m pip install "
            "--force-reinstall w3pin"
        )
    else:
        problem = f"w3pin's native module can't be loaded by {here}: {cause}"
    if sysconfig.get_config_var("Py_GIL_DISABLED"):
        problem += ". A free-threaded Python needs a wheel of its own, which doesn't exist yet"
    return f"{problem}. {_WHEELS}"


try:
    import w3pin._native  # noqa: F401
except ImportError as cause:
    raise ImportError(_explain(cause), name="w3pin._native") from cause
