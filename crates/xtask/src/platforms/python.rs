//! Free-threaded CPython, built from Debian's source.

use super::{Debian, Outcome};
use crate::Result;

const PYTHON: &str = "/opt/python-free-threaded";

/// Its wheel is for one version, since its ABI isn't stable yet.
pub(crate) fn free_threaded(debian: &Debian, outcome: &mut Outcome) -> Result {
    debian.run(&format!(
        "if ! [ -x {PYTHON}/bin/python3 ]; then
            export DEBIAN_FRONTEND=noninteractive
            sed 's/^deb /deb-src /' /etc/apt/sources.list >/etc/apt/sources.list.d/source.list
            apt-get update -qq -o Acquire::Check-Valid-Until=false
            apt-get install -y -qq --no-install-recommends dpkg-dev make zlib1g-dev libffi-dev
            cd \"$(mktemp -d)\" && apt-get source -qq python3.14
            cd python3.14-*/ && ./configure --quiet --prefix={PYTHON} --disable-gil
            make --silent --jobs \"$(nproc)\" && make --silent install
        fi
        {PYTHON}/bin/python3 -VV"
    ))?;
    let folder = debian.target.join("wheels/free-threaded");
    debian.run(&format!(
        "cd python && rm -rf '{folder}'
        maturin build --quiet --release --strip --interpreter {PYTHON}/bin/python3 --out '{folder}'
        ls '{folder}'
        venv=$(mktemp -d) && {PYTHON}/bin/python3 -m venv \"$venv\"
        \"$venv/bin/pip\" install --quiet --no-index --no-deps '{folder}'/*.whl
        cd \"$venv\" && bin/python -c 'import w3pin; print(w3pin.compute_cid(b\"hello\"))'
        bin/python -c 'import sys, w3pin; print(\"the global lock is\", sys._is_gil_enabled())'",
        folder = folder.display()
    ))?;
    outcome.built.push("wheel of one version");
    outcome.ran.push("the wheel: `compute_cid`");
    Ok(())
}
