//! Waits until content is pinned.

use super::{port::Port, session::Session};
use crate::{GetPin, Pin, PinId, Result, WaitPolicy, decisions::waiting::WaitStep};

pub(crate) async fn wait<I>(
    port: Port<I>,
    session: Session,
    id: PinId,
    policy: WaitPolicy,
) -> Result<Pin> {
    let operation = GetPin::new(id);
    let began = port.now();
    let mut looks = 0_u32;
    loop {
        let pin = session.read(&port, &operation).await?.output;
        looks = looks.saturating_add(1);
        match policy.step(&pin, looks, port.now().saturating_sub(began)) {
            WaitStep::Done => return Ok(pin),
            WaitStep::Again(delay) => port.sleep(delay).await,
            WaitStep::Failed(error) => return Err(error),
        }
    }
}
