//! `w3pin verify PATH CID|PIN_ID`

use crate::{
    args::{Global, Prove},
    failure::Failure,
    output::Output,
};

pub(crate) async fn run(_: &Prove, _: &Global, _: &Output) -> Result<(), Failure> {
    Ok(())
}
