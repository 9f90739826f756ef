use std::{fs, path::Path};

use crate::fixture::{Place, Ran, link, to};

/// Makes a file readable only by its owner, on systems with file modes.
fn make_private(path: &Path) {
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    #[cfg(not(unix))]
    let _ = path;
}

fn assert_private(path: &Path) {
    let metadata = fs::metadata(path).unwrap();
    #[cfg(unix)]
    assert_eq!(
        std::os::unix::fs::MetadataExt::mode(&metadata) & 0o777,
        0o600
    );
    #[cfg(not(unix))]
    assert!(metadata.is_file());
}

#[test]
fn flags_come_before_the_environment_and_that_before_the_file() {
    let place = Place::new();
    let served = place.serve(&["--api-key", "K", "--secret-key", "S"]);
    let endpoint = served.endpoint();
    let config = place.write(
        "home/config/w3pin/config.toml",
        format!("endpoint = {endpoint:?}\napi_key = \"K\"\nsecret_key = \"S\"\n"),
    );
    make_private(&config);
    place.run(&["ls"]).ok();

    let with = |variables: &[(&str, &str)], args: &[&str]| {
        Ran::of(place.command(args).envs(variables.iter().copied()))
    };
    with(&[("W3PIN_SECRET_KEY", "wrong")], &["ls"]).fails(3);
    with(
        &[("W3PIN_SECRET_KEY", "wrong")],
        &["ls", "--api-key", "K", "--secret-key", "S"],
    )
    .ok();
    let elsewhere = [("W3PIN_ENDPOINT", "http://127.0.0.1:1/api/pinning")];
    assert_eq!(with(&elsewhere, &["ls", "--endpoint", endpoint]).code, 0);
    with(&[("W3PIN_ENDPOINT", "nowhere")], &["ls"]).fails(2);
    with(&[("W3PIN_CONFIG", "missing.toml")], &["ls"]).fails(1);
}

#[cfg(unix)]
#[test]
fn keys_that_others_can_read_are_refused() {
    use std::os::unix::fs::PermissionsExt;

    let place = Place::new();
    let config = place.write(
        "home/config/w3pin/config.toml",
        "api_key = \"K\"\nsecret_key = \"S\"\n",
    );
    fs::set_permissions(&config, fs::Permissions::from_mode(0o644)).unwrap();
    let said = place.run(&["ls"]).fails(2);
    assert!(said.contains("chmod 600"), "{said}");
    place.write("home/config/w3pin/config.toml", "endpoint = \"aiozpin\"\n");
    let said = place.run(&["ls"]).fails(3);
    assert!(
        said.contains("no credentials"),
        "a file without keys is nobody's secret: {said}"
    );
}

#[test]
fn a_file_that_cannot_be_used_is_named_without_its_keys() {
    let place = Place::new();
    let config = place.write(
        "home/config/w3pin/config.toml",
        "api_key = \"K-visible\"\nsecret_key = S-visible\n",
    );
    make_private(&config);
    let said = place.run(&["ls"]).fails(2);
    assert!(
        said.contains("line 2") && said.contains("config.toml"),
        "{said}"
    );
    assert!(!said.contains("visible"), "{said}");
    place.write("home/config/w3pin/config.toml", "api_kye = \"K-visible\"\n");
    let said = place.run(&["ls"]).fails(2);
    assert!(
        said.contains("api_kye") && !said.contains("visible"),
        "{said}"
    );
}

#[test]
fn keys_that_are_accepted_can_be_saved_for_oneself_alone() {
    let place = Place::new();
    let served = place.serve(&[]);
    place.write(
        "home/config/w3pin/config.toml",
        "profile = \"unixfs-v1-2025\"\n",
    );
    let said = place.run(&served.flags(&["check", "--save"]));
    assert!(said.ok().contains("accepts the credentials"));
    let config = place.path().join("home/config/w3pin/config.toml");
    assert_private(&config);
    assert!(
        fs::read_to_string(&config)
            .unwrap()
            .contains("unixfs-v1-2025")
    );
    place.run(&["ls"]).ok();

    let wrong = [
        "--endpoint",
        served.endpoint(),
        "--api-key",
        "x",
        "--secret-key",
        "y",
    ];
    place
        .run(&[&wrong[..], &["check", "--save"]].concat())
        .fails(3);
    place.run(&["ls"]).ok();
}

#[test]
fn keys_are_saved_to_a_file_that_is_yet_to_be_made_and_through_a_link() {
    let place = Place::new();
    let served = place.serve(&[]);
    let save = served.flags(&["check", "--save"]);
    Ran::of(place.command(&save).env("W3PIN_CONFIG", "new.toml")).ok();
    assert_private(&place.path().join("new.toml"));
    Ran::of(place.command(&["ls"]).env("W3PIN_CONFIG", "new.toml")).ok();

    place.write(
        "real.toml",
        "# mine\nprofile = \"unixfs-v1-2025\" # stays\n",
    );
    link("real.toml", place.path().join("link.toml"));
    let document = place
        .run(&[&save[..], &["--config", "link.toml", "--json"]].concat())
        .json();
    assert_eq!(document["saved"], "link.toml");
    assert!(place.path().join("link.toml").is_symlink());
    let text = fs::read_to_string(place.path().join("real.toml")).unwrap();
    assert!(
        text.starts_with("# mine\n") && text.contains("# stays") && text.contains("api_key"),
        "{text}"
    );
    place.run(&["ls", "--config", "link.toml"]).ok();
    let missing = place.run(&["ls", "--config", "gone.toml"]).fails(1);
    assert!(missing.contains("gone.toml"), "{missing}");
    // Rejected keys aren't saved.
    let wrong = to(
        served.endpoint(),
        &["check", "--save", "--config", "wrong.toml"],
    );
    place.run(&wrong).fails(3);
    assert!(!place.path().join("wrong.toml").exists());
}

#[test]
fn an_isolated_command_ignores_the_environment_and_the_file() {
    let place = Place::new();
    let served = place.serve(&[]);
    let args = served.flags(&["ls", "--isolated"]);
    let mut command = place.command(&args);
    command
        .env("W3PIN_PROFILE", "nonsense")
        .env("W3PIN_PROXY", "http://127.0.0.1:1")
        .env("W3PIN_CONFIG", "gone.toml");
    Ran::of(&mut command).ok();
    let mut command = place.command(&["ls", "--isolated"]);
    command
        .env("W3PIN_API_KEY", "K")
        .env("W3PIN_SECRET_KEY", "S");
    Ran::of(&mut command).fails(3);
}

#[test]
fn keys_come_from_files_and_standard_input_too() {
    let place = Place::new();
    let served = place.serve(&["--api-key", "K-8f2", "--secret-key", "S-1c9"]);
    place.write("api", "K-8f2\n");
    place.write("secret", "S-1c9\r\n");
    place.write("both", "K-8f2\nS-1c9\n");
    place.write("none", "\n");
    place.write("long", "K".repeat(4097));
    let keys = |api: &'static str, secret: &'static str| {
        [
            "--api-key-file",
            api,
            "--secret-key-file",
            secret,
            "ls",
            "--endpoint",
        ]
    };
    let list = |api, secret| [&keys(api, secret)[..], &[served.endpoint()]].concat();
    place.run(&list("api", "secret")).ok();
    let piped = |file: &str, args: &[&str]| {
        let input = fs::File::open(place.path().join(file)).unwrap();
        Ran::of(place.command(args).stdin(input))
    };
    piped("secret", &list("api", "-")).ok();
    let mixed = [
        "--api-key",
        "K-8f2",
        "--secret-key-file",
        "-",
        "ls",
        "--endpoint",
    ];
    piped("secret", &[&mixed[..], &[served.endpoint()]].concat()).ok();
    for (api, secret, code) in [
        ("api", "gone", 1),
        ("api", "none", 2),
        ("long", "secret", 2),
        ("both", "secret", 2),
        #[cfg(unix)]
        ("api", "/dev/zero", 2),
        ("-", "-", 2),
    ] {
        let said = place.run(&list(api, secret)).fails(code);
        assert!(!said.contains("8f2") && !said.contains("1c9"), "{said}");
    }
    place.write("a", "a");
    let input = [
        "add",
        "-",
        "--api-key-file",
        "api",
        "--secret-key-file",
        "-",
    ];
    let said = piped("secret", &input).fails(2);
    assert!(said.contains("standard input"), "{said}");
}

#[test]
fn keys_are_in_no_output() {
    let place = Place::new();
    place.write("a", "a");
    let served = place.serve(&["--api-key", "K-8f2", "--secret-key", "S-1c9"]);
    let keys = [
        "--endpoint",
        served.endpoint(),
        "--api-key",
        "K-8f2",
        "--secret-key",
        "S-1c9",
        "-vvv",
    ];
    for args in [
        &["add", "a"][..],
        &["ls"],
        &["get", "x"],
        &["check"],
        &["rm", "x"],
    ] {
        let ran = place.run(&[&keys[..], args].concat());
        assert!(!ran.err.is_empty(), "-v says something");
        let all = format!("{}{}", ran.out, ran.err);
        assert!(
            !all.contains("K-8f2") && !all.contains("S-1c9"),
            "{args:?}: {all}"
        );
    }
    let help = place
        .command(&["add", "--help"])
        .env("W3PIN_API_KEY", "K-8f2")
        .output()
        .unwrap();
    assert!(!String::from_utf8_lossy(&help.stdout).contains("K-8f2"));
}

#[test]
fn the_config_file_counts_wherever_the_keys_come_from() {
    let place = Place::new();
    place.write("config.toml", "root_certificates = \"gone.pem\"\n");
    let environment = [
        ("W3PIN_API_KEY", "K"),
        ("W3PIN_SECRET_KEY", "S"),
        ("W3PIN_ENDPOINT", "http://127.0.0.1:1/api/pinning"),
    ];
    let run = |args: &[&str]| Ran::of(place.command(args).envs(environment));
    let said = run(&["ls", "--config", "config.toml"]).fails(1);
    assert!(said.contains("gone.pem"), "{said}");
    let said = run(&["ls", "--config", "gone.toml"]).fails(1);
    assert!(said.contains("gone.toml"), "{said}");
    place.write("home/config/w3pin/config.toml", "nonsense");
    let said = run(&["ls"]).fails(2);
    assert!(said.contains("line 1 of the config file"), "{said}");
}

#[cfg(unix)]
#[test]
fn a_full_disk_leaves_the_config_file_as_it_was() {
    let disk = crate::small_disk::SmallDisk::new(1);
    let place = Place::new();
    let served = place.serve(&[]);
    let config = disk.path().join("config.toml");
    let before = "# mine\nprofile = \"unixfs-v1-2025\"\n";
    fs::write(&config, before).unwrap();
    disk.fill();
    let save = ["check", "--save", "--config", config.to_str().unwrap()];
    let said = place.run(&served.flags(&save)).fails(1);
    assert!(said.contains("can't be written"), "{said}");
    assert_eq!(fs::read_to_string(&config).unwrap(), before);
    let left = fs::read_dir(disk.path()).unwrap().count();
    assert_eq!(left, 2, "the config file and what fills the disk");
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_never_replaced_and_what_never_ends_is_not_read() {
    use std::os::unix::fs::FileTypeExt;

    let place = Place::new();
    let served = place.serve(&[]);
    let pipe = place.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let keys = w3pin::Credentials::new("K", "S").unwrap();
    let endpoint = served.endpoint().parse().unwrap();
    let refused = w3pin::ConfigFile::at(&pipe).save(&keys, &endpoint);
    let said = refused.unwrap_err().to_string();
    assert!(said.contains("isn't a file"), "{said}");
    assert!(fs::metadata(&pipe).unwrap().file_type().is_fifo());
    for option in ["--config", "--cacert"] {
        let said = place
            .run(&served.flags(&["ls", option, "/dev/zero"]))
            .fails(1);
        assert!(said.contains("/dev/zero"), "{said}");
    }
}
