//! Packs the jar with the libraries of all platforms, and the AAR, for Maven Central: signed, with sources
//! and documentation.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::{
    Release,
    layout::{copy, create, failed, files, read_text, remove, write},
    tools::{read, run},
};
use crate::{
    Result, built, kotlin,
    run::{has, root},
    versions::VERSION,
};

const DEPLOY: &str = "org.apache.maven.plugins:maven-deploy-plugin:3.1.4:deploy";
const DEPLOY_FILE: &str = "org.apache.maven.plugins:maven-gpg-plugin:3.2.8:sign-and-deploy-file";

/// The maximum size of a library in MB, packed.
const MOST_MB: u64 = 4;
/// The number of libraries in the AAR.
const ABIS: u64 = 3;

pub(crate) fn pack(release: &mut Release) -> Result {
    if !has("mvn --version") {
        release
            .table
            .lacks("io.github.w3pin:w3pin", "there is no Maven");
        return Ok(());
    }
    let library = root().join("bindings/uniffi/kotlin/library");
    let (natives, platforms) = gather(release)?;
    let repository = release.layout.part("maven")?;
    let deployed = format!("layout::file://{}", repository.display());
    let key = Key::of_environment()?;
    // Its tests are run by `cargo xtask kotlin`.
    run(key
        .given_to(&mut maven(&library))
        .args([
            "-P",
            "release",
            "-Dmaven.test.skip=true",
            "clean",
            "verify",
            DEPLOY,
        ])
        .arg(format!("-DaltDeploymentRepository={deployed}"))
        .env("W3PIN_LIBRARY", release.layout.own_library()?)
        .env("W3PIN_NATIVES", &natives))?;
    android(release, &library, &repository, &key)?;

    let group = repository.join("io/github/w3pin");
    for artifact in files(&group, "") {
        for file in files(&artifact.join(VERSION), "") {
            let name = file.to_string_lossy();
            if [".jar", ".aar", ".pom"]
                .iter()
                .any(|end| name.ends_with(end))
            {
                let signed = key.verifies(&file)?;
                let most = match name.ends_with(".aar") {
                    true => MOST_MB * ABIS,
                    false if name.ends_with(&format!("w3pin-{VERSION}.jar")) => MOST_MB * platforms,
                    false => MOST_MB,
                };
                release
                    .table
                    .has(&file, most, &format!("sources, javadoc, {signed}"))?;
            }
        }
    }
    use_from(release, &repository)
}

/// Copies the libraries of all platforms into folders named as by JNA. Returns their folder and number.
fn gather(release: &mut Release) -> Result<(PathBuf, u64)> {
    let folder = root().join("target/release-tools/natives");
    remove(&folder)?;
    create(&folder)?;
    let libraries = release
        .layout
        .all(|target| target.jna.map(|_| target.library("w3pin_uniffi")));
    for (target, library) in &libraries {
        let path = folder
            .join(target.jna.unwrap_or_default())
            .join(target.library("w3pin_uniffi"));
        copy(library, &path)?;
    }
    Ok((folder, libraries.len() as u64))
}

/// Deploys the AAR, which was built on a machine with the NDK.
fn android(release: &mut Release, library: &Path, repository: &Path, key: &Key) -> Result {
    let aar = release.layout.built("android").join("w3pin.aar");
    if !aar.exists() {
        release
            .table
            .lacks("io.github.w3pin:w3pin-android", "there is no NDK here");
        return Ok(());
    }
    let jar = |classifier: &str| library.join(format!("target/w3pin-{VERSION}-{classifier}.jar"));
    run(key
        .given_to(&mut maven(library))
        .args([DEPLOY_FILE, "-Dgpg.signer=bc", "-Dpackaging=aar"])
        .arg(format!("-Durl=file://{}", repository.display()))
        .arg(format!("-Dfile={}", aar.display()))
        .arg(format!(
            "-DpomFile={}",
            library.with_file_name("android").join("pom.xml").display()
        ))
        .arg(format!("-Dsources={}", jar("sources").display()))
        .arg(format!("-Djavadoc={}", jar("javadoc").display())))
}

/// Builds the example as an app that only gets the library from the repository, and runs it.
fn use_from(release: &mut Release, repository: &Path) -> Result {
    let folder = root().join("target/release-tools/maven-fresh");
    remove(&folder)?;
    let cache = release.tools.maven_cache();
    remove(&cache.join("io/github/w3pin"))?;
    let example = root().join("examples/kotlin");
    run(Command::new("cp").arg("-R").arg(&example).arg(&folder))?;
    remove(&folder.join("target"))?;
    let pom = folder.join("pom.xml");
    let source = format!(
        "  <repositories>\n    <repository>\n      <id>layout</id>\n      <url>file://{}</url>\n    \
         </repository>\n  </repositories>\n\n  <dependencies>",
        repository.display()
    );
    write(
        &pom,
        read_text(&pom)?.replacen("  <dependencies>", &source, 1),
    )?;
    run(maven(&folder)
        .arg("package")
        .arg(format!("-Dmaven.repo.local={}", cache.display())))?;
    built::command()?;
    kotlin::alone(&folder.join("target"), &folder.join("run"))
}

fn maven(folder: &Path) -> Command {
    let mut command = Command::new("mvn");
    command
        .args(["--quiet", "--batch-mode"])
        .current_dir(folder);
    command
}

/// The signing key: that of the environment, or a temporary one.
enum Key {
    OfEnvironment,
    Throwaway { home: PathBuf, secret: String },
}

impl Key {
    fn of_environment() -> Result<Self> {
        if env::var_os("MAVEN_GPG_KEY").is_some_and(|key| !key.is_empty()) {
            return Ok(Self::OfEnvironment);
        }
        let home = env::temp_dir().join(format!("w3pin-gpg-{}", std::process::id()));
        create(&home)?;
        run(Command::new("chmod").arg("700").arg(&home))?;
        let gpg = |arguments: &[&str]| {
            let mut command = Command::new("gpg");
            command
                .args([
                    "--batch",
                    "--quiet",
                    "--pinentry-mode",
                    "loopback",
                    "--passphrase",
                    "",
                    "--homedir",
                ])
                .arg(&home)
                .args(arguments);
            command
        };
        let id = "w3pin dry run <nobody@localhost>";
        run(&mut gpg(&[
            "--quick-generate-key",
            id,
            "rsa3072",
            "sign",
            "1d",
        ]))?;
        let secret = read(&mut gpg(&["--armor", "--export-secret-keys"]))?;
        Ok(Self::Throwaway { home, secret })
    }

    fn given_to<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        match self {
            Self::OfEnvironment => command,
            Self::Throwaway { secret, .. } => command.env("MAVEN_GPG_KEY", secret),
        }
    }

    /// Checks a file's signature if the key is available.
    fn verifies(&self, file: &Path) -> Result<&'static str> {
        let signature = PathBuf::from(format!("{}.asc", file.display()));
        if !signature.exists() {
            return Err(failed(&signature, &"isn't there"));
        }
        let Self::Throwaway { home, .. } = self else {
            return Ok("signed");
        };
        run(Command::new("gpg")
            .args(["--batch", "--quiet", "--homedir"])
            .arg(home)
            .arg("--verify")
            .args([&signature, file])
            .stderr(std::process::Stdio::null()))?;
        Ok("signature verified")
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        if let Self::Throwaway { home, .. } = self {
            let _ = fs::remove_dir_all(home);
        }
    }
}
