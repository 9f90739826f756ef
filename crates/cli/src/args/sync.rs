use std::{path::PathBuf, time::Duration};

use w3pin::{Gateway, Profile, Result, SyncOptions, WalkOptions, core::DeployOptions};

use super::{
    add::{Metadata, UploadLinks},
    content::Walk,
    duration,
};

#[derive(Debug, clap::Args)]
pub(crate) struct SyncFolder {
    /// The folder
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// The name that the folder is pinned under; several folders need different names
    #[arg(long)]
    pub(crate) name: String,
    /// How many deploys to keep, the new one included
    #[arg(long, value_name = "N", default_value_t = DeployOptions::KEEP, value_parser = clap::value_parser!(u32).range(1..),
          allow_negative_numbers = true)]
    keep: u32,
    /// Show what would be sent and removed, and send and remove nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// A gateway that must serve the root and random blocks before anything is removed; may be repeated
    #[arg(long, value_name = "URL")]
    check_gateway: Vec<String>,
    #[command(flatten)]
    metadata: Metadata,
    #[command(flatten)]
    walk: Walk,
    /// What to do with symbolic links in the folder
    #[arg(long, value_enum, default_value_t = UploadLinks::Refuse)]
    symlinks: UploadLinks,
    /// The UnixFS profile by which the service imports files [env: W3PIN_PROFILE] [default:
    /// kubo-cidv1-legacy]
    #[arg(long, value_name = "PROFILE")]
    pub(crate) profile: Option<Profile>,
    /// How long to wait for the pin, and then for each gateway, such as 90s or 10m
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = duration)]
    timeout: Duration,
    /// The time limit of the whole sync, retries included [default: none]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    sync_timeout: Option<Duration>,
}

impl SyncFolder {
    pub(crate) fn walk(&self) -> WalkOptions {
        self.walk.options(self.symlinks)
    }

    /// The gateways are parsed here, since clap's own errors would show their passwords.
    pub(crate) fn options(&self) -> Result<SyncOptions> {
        let mut options = SyncOptions::new()
            .keep(self.keep)
            .dry_run(self.dry_run)
            .keyvalues(self.metadata.keyvalues()?)
            .walk(self.walk())
            .deadline(self.timeout);
        options.check_gateways = Gateway::list("check_gateways", &self.check_gateway)?;
        options.profile = self.profile;
        options.timeout = self.sync_timeout;
        Ok(options)
    }
}
