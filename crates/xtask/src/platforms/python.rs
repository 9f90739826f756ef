//! CPythons that Debian doesn't have, built from its source.

use super::{Debian, Outcome};
use crate::Result;

const FREE_THREADED: &str = "/opt/python-free-threaded";

/// A wheel for a free-threaded CPython is for one version, since its ABI isn't stable.
pub(crate) fn free_threaded(debian: &Debian, outcome: &mut Outcome) -> Result {
    debian.run(&format!(
        "[ -x {FREE_THREADED}/bin/python3 ] && exit
        {source}
        ./configure --quiet --prefix={FREE_THREADED} --disable-gil OPT=-O1
        make --silent --jobs \"$(nproc)\" && make --silent install",
        source = source("zlib1g-dev libffi-dev")
    ))?;
    let folder = debian.target.join("wheels/free-threaded");
    debian.run(&format!(
        "cd python && rm -rf '{folder}'
        maturin build --quiet --profile {profile} --strip --zig --compatibility manylinux2014 \
            --target x86_64-unknown-linux-gnu --interpreter {FREE_THREADED}/bin/python3 --out '{folder}'",
        profile = debian.profile,
        folder = folder.display()
    ))?;
    let wheel = crate::python::only(&folder.display().to_string(), "whl")?;
    outcome.built("wheel of one version", wheel.as_ref())?;
    let (said, _) = debian.try_run(&format!(
        "venv=$(mktemp -d) && {FREE_THREADED}/bin/python3 -m venv \"$venv\"
        \"$venv/bin/pip\" install --quiet --no-compile --requirement python/requirements-test.txt '{wheel}'
        cd python
        \"$venv/bin/python\" -c 'import sys, w3pin; print(\"the global lock is\", sys._is_gil_enabled())'
        \"$venv/bin/python\" -m pytest --quiet -p no:cacheprovider --ignore tests/test_scenarios.py \
            --ignore tests/test_integrations.py 2>&1"
    ))?;
    outcome.count("Python", &said);
    outcome.ran.push("the wheel");
    outcome.all_passed()
}

/// Builds a CPython with musl below a root folder, as `/opt/python`.
pub(crate) fn with_musl(debian: &Debian, folder: &str) -> Result {
    debian.run(&format!(
        "[ -e '{folder}/usr/bin/python3' ] && exit
        {source}
        # The headers of Debian's libraries aren't for musl.
        ./configure --quiet --prefix=/opt/python --without-ensurepip OPT=-O1 CC=musl-gcc PKG_CONFIG=false
        make --silent --jobs \"$(nproc)\" && make --silent install DESTDIR='{folder}'
        ln -s /opt/python/bin/python3 '{folder}/usr/bin/python3'",
        source = source("musl-tools")
    ))?;
    Ok(())
}

/// Returns a script that enters a folder with the source of Debian's CPython.
fn source(packages: &str) -> String {
    format!(
        "export DEBIAN_FRONTEND=noninteractive
        sed 's/^deb /deb-src /' /etc/apt/sources.list >/etc/apt/sources.list.d/source.list
        apt-get update -qq -o Acquire::Check-Valid-Until=false
        apt-get install -y -qq --no-install-recommends dpkg-dev make {packages}
        python=$(python3 -c 'import sys; print(\"python%d.%d\" % sys.version_info[:2])')
        cd \"$(mktemp -d)\" && apt-get source -qq $python && cd $python-*/"
    )
}
