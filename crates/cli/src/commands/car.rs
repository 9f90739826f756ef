//! `w3pin car pack`, `unpack`, `ls` and `verify`

use w3pin::{CarFile, Error, IpfsPath};

use super::blocking;
use crate::{
    args::{CarCommand, Global},
    failure::Failure,
    output::Output,
};

mod ls;
mod pack;
mod unpack;
mod verify;

pub(crate) async fn run(
    command: &CarCommand,
    global: &Global,
    output: &Output,
) -> Result<(), Failure> {
    match command {
        CarCommand::Pack(pack) => pack::run(pack, global, output).await,
        CarCommand::Unpack(unpack) => unpack::run(unpack, output).await,
        CarCommand::Ls(list) => ls::run(list, output).await,
        CarCommand::Verify(input) => verify::run(input, output).await,
    }
}

/// An open CAR file and its name.
struct Input {
    car: CarFile,
    name: String,
}

impl Input {
    async fn open(input: &crate::args::CarInput, output: &Output) -> Result<Self, Failure> {
        let file = input.file.clone();
        let name = file.display().to_string();
        let reading = output.messages().spinner(&format!("reading {name}"));
        let opened = blocking(move || match file.as_os_str() == "-" {
            true => CarFile::read(std::io::stdin().lock()),
            false => CarFile::open(file),
        });
        let opened = opened.await?;
        drop(reading);
        match opened {
            Ok(car) => Ok(Self { car, name }),
            Err(error) => Err(Failure::Car(error, name)),
        }
    }

    fn failed(&self, error: Error) -> Failure {
        Failure::Car(error, self.name.clone())
    }

    /// Returns what to read: the requested root, or the only one.
    fn root(&self, asked: Option<&IpfsPath>) -> Result<IpfsPath, Failure> {
        if let Some(asked) = asked {
            return Ok(asked.clone());
        }
        let reason = match self.car.roots() {
            [root] => return Ok(IpfsPath::new(root.clone())),
            [] => "the CAR has no root; choose one with --root".to_owned(),
            [first, second, ..] => {
                let count = self.car.roots().len();
                format!(
                    "the CAR has {count} roots, such as {first} and {second}; choose with --root"
                )
            }
        };
        Err(self.failed(Error::invalid_input("root", reason)))
    }
}
