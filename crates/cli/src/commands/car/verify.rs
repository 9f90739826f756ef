//! `w3pin car verify FILE`

use serde_json::json;

use super::{super::blocking, Input};
use crate::{
    args::CarInput,
    exit_code,
    failure::Failure,
    output::{Output, bytes},
};

pub(super) async fn run(args: &CarInput, output: &Output) -> Result<(), Failure> {
    let input = Input::open(args, output).await?;
    let checking = output
        .messages()
        .spinner(&format!("checking {}", input.name));
    let car = input.car.clone();
    let checked = blocking(move || car.check()).await?;
    drop(checking);
    let checked = checked.map_err(|error| input.failed(error))?;
    let car = &input.car;
    let faults: Vec<_> = checked.faults.iter().map(ToString::to_string).collect();
    for fault in &faults {
        output.error(&format!("{}: {fault}", input.name));
    }
    let untold = checked.fault_count - faults.len() as u64;
    if untold > 0 {
        output.error(&format!("{}: {untold} more faults", input.name));
    }
    let sound = checked.fault_count == 0;
    if output.is_json() {
        output.document(&json!({
            "file": input.name,
            "sound": sound,
            "version": car.version(),
            "roots": car.roots(),
            "blocks": car.block_count(),
            "bytes": car.bytes(),
            "repeated": checked.repeated,
            "unreachable": checked.unreachable,
            "not_followed": checked.not_followed,
            "faults": faults,
            "fault_count": checked.fault_count,
        }));
    } else if sound {
        for root in car.roots() {
            output.row(&[root.as_str(), &input.name]);
        }
    }
    if !sound {
        return Err(Failure::Reported(exit_code::DAMAGED));
    }
    let (size, blocks) = (bytes(car.bytes()), car.block_count());
    let complete = match checked.not_followed {
        0 => ", and none is missing",
        _ => "",
    };
    output.note(&format!(
        "verified: every block matches its CID{complete} (CARv{}, size {size}, blocks {blocks})",
        car.version()
    ));
    match checked.unreachable {
        Some(0) => {}
        Some(extra) => output.warn(&format!("blocks not reachable from any root: {extra}")),
        None => output.warn(&format!(
            "the links of {} blocks weren't followed because of an unsupported codec, so blocks may be missing",
            checked.not_followed
        )),
    }
    if car.roots().is_empty() {
        output.warn("the CAR has no root");
    }
    Ok(())
}
