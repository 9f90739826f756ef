//! `cargo xtask kotlin`

use std::{
    env, fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use crate::{
    Result, built,
    run::{root, run_with},
    versions::VERSION,
};

/// The stripped library of a phone's app is never larger.
const LARGEST: u64 = 6 << 20;

/// The Kotlin package: built, tested, and its jar used alone by the example.
pub(crate) fn run() -> Result {
    built::all()?;
    run_with(
        "mvn --quiet --batch-mode --file bindings/uniffi/kotlin/pom.xml verify",
        &[built::variable(&built::programs())],
    )?;
    let kotlin = root().join("bindings/uniffi/kotlin");
    check_size(&kotlin.join("library/target/native"))?;

    let folder = env::temp_dir().join(format!("w3pin-kotlin-{}", std::process::id()));
    let result = alone(&kotlin.join("example/target"), &folder);
    fs::remove_dir_all(&folder).map_err(|cause| failed(&folder, &cause))?;
    result
}

/// The jar carries one library, small enough for a phone.
fn check_size(native: &Path) -> Result {
    let library = files(native)?
        .first()
        .map(|platform| files(platform))
        .transpose()?
        .and_then(|libraries| libraries.into_iter().next())
        .ok_or_else(|| format!("there is no library below {}", native.display()))?;
    let size = fs::metadata(&library)
        .map_err(|cause| failed(&library, &cause))?
        .len();
    eprintln!("the native library, stripped: {} KiB", size >> 10);
    if size > LARGEST {
        return Err(format!("the library has {size} bytes, more than {LARGEST}"));
    }
    Ok(())
}

/// Runs the example, which was built into `example`, in a folder that holds nothing but jars, against a server of its own.
pub(crate) fn alone(example: &Path, folder: &Path) -> Result {
    let (jars, site) = (folder.join("jars"), folder.join("site"));
    for folder in [&jars, &site] {
        fs::create_dir_all(folder).map_err(|cause| failed(folder, &cause))?;
    }
    fs::write(site.join("index.html"), "hello").map_err(|cause| failed(&site, &cause))?;
    let mut needed = files(&example.join("lib"))?;
    needed.push(example.join(format!("w3pin-example-{VERSION}.jar")));
    for jar in needed {
        let name = jar.file_name().unwrap_or_default();
        fs::copy(&jar, jars.join(name)).map_err(|cause| failed(&jar, &cause))?;
    }
    let server = Server::start(&folder.join("data"))?;
    server.run(&jars, &["w3pin.example.TourKt"])?;
    server.run(
        &jars,
        &["w3pin.example.PinFolderKt", &site.display().to_string()],
    )
}

/// `w3pin serve` until it is dropped.
struct Server {
    process: Child,
    endpoint: String,
}

impl Server {
    fn start(data: &Path) -> Result<Self> {
        let program = built::programs().join("w3pin");
        let mut process = Command::new(&program)
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(["--api-key", "KEY", "--secret-key", "SECRET", "--data"])
            .arg(data)
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|cause| failed(&program, &cause))?;
        let mut line = String::new();
        if let Some(output) = process.stdout.take() {
            BufReader::new(output)
                .read_line(&mut line)
                .map_err(|cause| failed(&program, &cause))?;
        }
        let endpoint = line
            .split_whitespace()
            .find(|word| word.starts_with("http"))
            .unwrap_or_default()
            .trim_end_matches(',')
            .to_owned();
        Ok(Self { process, endpoint })
    }

    fn run(&self, jars: &Path, arguments: &[&str]) -> Result {
        eprintln!("$ java {}", arguments.join(" "));
        let status = Command::new("java")
            .args(["--class-path", "*"])
            .args(arguments)
            .current_dir(jars)
            .env("W3PIN_ENDPOINT", &self.endpoint)
            .env("W3PIN_API_KEY", "KEY")
            .env("W3PIN_SECRET_KEY", "SECRET")
            .status()
            .map_err(|cause| format!("java can't be run: {cause}"))?;
        if status.success() {
            Ok(())
        } else {
            Err(format!("java {} failed: {status}", arguments.join(" ")))
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| entry.map(|it| it.path())).collect())
        .map_err(|cause| failed(folder, &cause))
}

fn failed(path: &Path, cause: &dyn std::fmt::Display) -> String {
    format!("{}: {cause}", path.display())
}
