//! `cargo xtask kotlin`

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    Result, built,
    examples::{self, Web},
    run::{execute, root, run_with},
    server::Server,
    versions::VERSION,
};

/// The maximum size of the stripped library in a phone's app: 6 MiB and a sixteenth.
const LARGEST: u64 = (6 << 20) + (64 << 10);

/// Builds and tests the Kotlin package, and runs the examples with only its jars.
pub(crate) fn run() -> Result {
    built::all()?;
    run_with(
        "mvn --quiet --batch-mode --file bindings/uniffi/kotlin/pom.xml verify",
        &[built::variable(&built::programs())],
    )?;
    let kotlin = root().join("bindings/uniffi/kotlin");
    check_size(&kotlin.join("library/target/native"))?;

    let jars = env::temp_dir().join(format!("w3pin-jars-{}", std::process::id()));
    let result = alone(&root().join("examples/kotlin/target"), &jars);
    fs::remove_dir_all(&jars).map_err(|cause| failed(&jars, &cause))?;
    result
}

/// Checks that the jar contains one library, small enough for a phone.
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

/// Runs the examples that were built into `built` from a folder with nothing but jars.
pub(crate) fn alone(built: &Path, jars: &Path) -> Result {
    fs::create_dir_all(jars).map_err(|cause| failed(jars, &cause))?;
    let mut needed = files(&built.join("lib"))?;
    needed.push(built.join(format!("w3pin-example-{VERSION}.jar")));
    for jar in needed {
        let name = jar.file_name().unwrap_or_default();
        fs::copy(&jar, jars.join(name)).map_err(|cause| failed(&jar, &cause))?;
    }
    let class_path = jars.join("*");
    let program = |name: &str| {
        let words = name.split('-').map(|word| {
            let (first, rest) = word.split_at(1);
            first.to_uppercase() + rest
        });
        let mut command = Command::new("java");
        command.arg("--class-path").arg(&class_path);
        command.arg(format!("w3pin.example.{}Kt", words.collect::<String>()));
        command
    };
    let server = Server::start(&jars.join("data"))?;
    let mut tour = program("tour");
    server.configure(&mut tour);
    execute(&mut tour, "java w3pin.example.TourKt")?;
    let mut java = Command::new("java");
    java.arg("--class-path")
        .arg(&class_path)
        .arg(root().join("examples/java/PinFolder.java"))
        .arg(root().join("examples/shell"));
    server.configure(&mut java);
    execute(&mut java, "java PinFolder.java")?;
    examples::run("kotlin", Web::Server, &program)
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| entry.map(|it| it.path())).collect())
        .map_err(|cause| failed(folder, &cause))
}

fn failed(path: &Path, cause: &dyn std::fmt::Display) -> String {
    format!("{}: {cause}", path.display())
}
