//! Runs the programs in `examples/`: the same seven in each language, with the same arguments and
//! results.

use std::{
    env, fs,
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use crate::{Result, built, server::Server};

const IMAGES: usize = 1000;

/// How to run a web handler.
#[derive(Clone, Copy)]
pub(crate) enum Web {
    /// As a server, with the port as its argument.
    Server,
    /// As a CGI program.
    Cgi,
}

/// Runs the seven examples of a language against a separate server, and checks their results.
///
/// `program` returns the command that starts an example by name, such as `pin-file`.
pub(crate) fn run(language: &str, web: Web, program: &dyn Fn(&str) -> Command) -> Result {
    let folder = env::temp_dir().join(format!("w3pin-{language}-{}", std::process::id()));
    let result = Examples::new(&folder, program).and_then(|examples| examples.run(web));
    fs::remove_dir_all(&folder).map_err(|cause| format!("{}: {cause}", folder.display()))?;
    result.map_err(|problem| format!("the examples of {language}: {problem}"))
}

struct Examples<'a> {
    server: Server,
    folder: PathBuf,
    program: &'a dyn Fn(&str) -> Command,
}

impl<'a> Examples<'a> {
    /// Creates what they pin: a file, a site, and the images of a drop.
    fn new(folder: &Path, program: &'a dyn Fn(&str) -> Command) -> Result<Self> {
        let images = (0..IMAGES).map(|token| (format!("images/{token}.png"), token.to_string()));
        let files = [
            "report.txt",
            "draft.txt",
            "site/index.html",
            "site/css/site.css",
            "blog/index.html",
        ];
        let files = files.map(|name| (name.to_owned(), name.to_owned()));
        for (name, content) in images.chain(files) {
            let path = folder.join(&name);
            path.parent()
                .map_or(Ok(()), fs::create_dir_all)
                .and_then(|()| fs::write(&path, content))
                .map_err(|cause| format!("{name}: {cause}"))?;
        }
        Ok(Self {
            server: Server::start(&folder.join("data"))?,
            folder: folder.to_owned(),
            program,
        })
    }

    fn run(&self, web: Web) -> Result {
        let cid = |path| self.w3pin(&["cid", "--as-upload", path]).map(first_field);

        same(
            "pin-file",
            &self.example("pin-file", &["report.txt"])?,
            &cid("report.txt")?,
        )?;
        let site = cid("site")?;
        same("pin-folder", &self.example("pin-folder", &["site"])?, &site)?;

        for _ in ["sent", "unchanged"] {
            let synced = self.example("sync-folder", &["blog", "example.org"])?;
            same("sync-folder", &synced, &cid("blog")?)?;
        }
        let deploys = self.w3pin(&["ls", "--all", "--meta", "w3pin.sync=example.org"])?;
        same("sync-folder", &deploys.lines().count().to_string(), "1")?;

        let base = self.example("pin-drop", &["images"])?;
        let token = self.w3pin(&["cat", &format!("{base}7.json")])?;
        let image = format!("ipfs://{}/7.png", cid("images")?);
        if !token.contains(&image) {
            return Err(format!("pin-drop: {token} doesn't name {image}"));
        }

        self.w3pin(&["add", "--wait", "--meta", "stage=draft", "draft.txt"])?;
        self.example("clean-up", &["draft"])?;
        let drafts = self.w3pin(&["ls", "--all", "--pinned", "--meta", "stage=draft"])?;
        same("clean-up", &drafts, "")?;

        self.example("read-back", &[&site, "copy"])?;
        same("read-back", &cid("copy")?, &site)?;

        match web {
            Web::Server => self.web_server(&site),
            Web::Cgi => self.cgi(&site),
        }
    }

    fn web_server(&self, site: &str) -> Result {
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .map_err(|cause| cause.to_string())?
            .port();
        let mut command = self.command("web-handler", &[&port.to_string()]);
        let process = command.stdout(Stdio::null()).spawn();
        let mut handler = Handler(process.map_err(|cause| format!("web-handler: {cause}"))?);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if let Ok(Some(status)) = handler.0.try_wait() {
                return Err(format!("web-handler: {status}"));
            }
            thread::sleep(Duration::from_millis(50));
        }
        let url = format!("http://127.0.0.1:{port}");
        let curl = |arguments: &[&str]| {
            let mut command = Command::new("curl");
            command.args(["--silent", "--show-error", "--fail"]);
            output(command.args(arguments).current_dir(&self.folder), "curl")
        };
        let pinned = curl(&["--data-binary", "@report.txt", &format!("{url}/")])?;
        let expected = self.w3pin(&["cid", "report.txt"]).map(first_field)?;
        same("web-handler", pinned.trim().trim_matches('"'), &expected)?;
        let page = curl(&[&format!("{url}/{site}/index.html")])?;
        same("web-handler", &page, "site/index.html")
    }

    fn cgi(&self, site: &str) -> Result {
        let report = self.folder.join("report.txt");
        let body = fs::File::open(&report).map_err(|cause| cause.to_string())?;
        let length = body.metadata().map_err(|cause| cause.to_string())?.len();
        let mut post = self.command("web-handler", &[]);
        post.env("REQUEST_METHOD", "POST")
            .env("CONTENT_LENGTH", length.to_string())
            .stdin(body);
        let answer = output(&mut post, "web-handler")?;
        let expected = self.w3pin(&["cid", "report.txt"]).map(first_field)?;
        same(
            "web-handler",
            answer.lines().last().unwrap_or_default(),
            &expected,
        )?;

        let mut get = self.command("web-handler", &[]);
        get.env("REQUEST_METHOD", "GET")
            .env("PATH_INFO", format!("/{site}/index.html"));
        let answer = output(&mut get, "web-handler")?;
        same(
            "web-handler",
            answer.lines().last().unwrap_or_default(),
            "site/index.html",
        )
    }

    /// Returns the output of an example.
    fn example(&self, name: &str, arguments: &[&str]) -> Result<String> {
        eprintln!("$ {name} {}", arguments.join(" "));
        let mut command = self.command(name, arguments);
        output(&mut command, name).map(|text| text.trim().to_owned())
    }

    fn command(&self, name: &str, arguments: &[&str]) -> Command {
        let mut command = (self.program)(name);
        command.args(arguments).current_dir(&self.folder);
        self.server.configure(&mut command);
        command
    }

    /// Returns the output of the command.
    fn w3pin(&self, arguments: &[&str]) -> Result<String> {
        let mut command = Command::new(built::programs().join("w3pin"));
        command.args(arguments).current_dir(&self.folder);
        self.server.configure(&mut command);
        output(&mut command, "w3pin").map(|text| text.trim().to_owned())
    }
}

struct Handler(Child);

impl Drop for Handler {
    fn drop(&mut self) {
        // It may have exited already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn output(command: &mut Command, name: &str) -> Result<String> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|cause| format!("{name} can't be run: {cause}"))?;
    if !output.status.success() {
        return Err(format!("{name} failed: {}", output.status));
    }
    String::from_utf8(output.stdout).map_err(|_| format!("{name} prints no text"))
}

fn first_field(line: String) -> String {
    line.split('\t').next().unwrap_or_default().to_owned()
}

fn same(name: &str, found: &str, expected: &str) -> Result {
    if found == expected {
        Ok(())
    } else {
        Err(format!("{name}: {found} is not {expected}"))
    }
}
