//! An upload that is a CAR.

use w3pin_core::FileName;

use super::{DISK_CHECK_BYTES, Ingest, Root, car_among_files, no_memory};
use crate::{
    car_content::{ArrivedCar, ArrivingCar, CarFault},
    engine::Form,
    envelope::Refusal,
    error::StoreError,
    multipart::{Event, PartHead},
    store::UploadRoot,
};

impl Ingest<'_> {
    pub(super) fn car(&mut self, head: PartHead) -> Result<(), Refusal> {
        if self.root.is_some() {
            return Err(car_among_files());
        }
        let car = self.arrived()?;
        let shape = car.check(|memory| {
            self.events.processor.step();
            self.grow_to(memory)
        })?;
        self.app.require_free_disk(car.bytes())?;
        let intake = self.app.store.engine.intake(Form::Car)?;
        let intake = self.intake.insert(intake);
        let (app, processor) = (self.app, &mut self.events.processor);
        processor.work_for(intake);
        let mut unchecked = 0;
        car.hand_over(intake, |bytes| {
            processor.step();
            unchecked += bytes;
            if unchecked >= DISK_CHECK_BYTES {
                unchecked = 0;
                app.require_free_disk(0)?;
            }
            Ok::<_, Refusal>(())
        })?;
        let cid = *car.root();
        self.root = Some(Root::Car {
            name: name(head.filename).unwrap_or_else(|| cid.to_string()),
            root: UploadRoot { cid, shape },
        });
        Ok(())
    }

    /// Receives the bytes of the CAR.
    fn arrived(&mut self) -> Result<ArrivedCar, Refusal> {
        let mut car = ArrivingCar::new(self.app.room()?).map_err(StoreError::from)?;
        while let Some(Event::Data(bytes)) = self.events.next()? {
            self.unchecked_bytes += bytes.len() as u64;
            if self.unchecked_bytes >= DISK_CHECK_BYTES {
                self.unchecked_bytes = 0;
                self.app.room()?;
            }
            car.push(bytes)?;
            self.grow_to(car.memory())?;
        }
        Ok(car.finish()?)
    }

    fn grow_to(&mut self, memory: usize) -> Result<(), Refusal> {
        let grown = self.memory.grow_to(memory);
        grown.map_err(|cause| no_memory(self.app, cause, "blocks of this CAR"))
    }
}

/// Returns the name of the content, derived from that of the CAR.
fn name(filename: Option<String>) -> Option<String> {
    let name: FileName = filename?.parse().ok()?;
    let own_name = name.as_str().rsplit('/').next()?;
    let (stem, suffix) = own_name.split_at_checked(own_name.len().checked_sub(4)?)?;
    let is_car = suffix.eq_ignore_ascii_case(".car") && !stem.is_empty();
    Some(if is_car { stem } else { own_name }.to_owned())
}

impl From<CarFault> for Refusal {
    fn from(cause: CarFault) -> Self {
        match cause {
            CarFault::Store(cause) => cause.into(),
            CarFault::TooManyBlocks(_) => Self::too_large(cause.to_string()),
            cause => Self::bad_request(format!("failed to get uploaded files: {cause}")),
        }
    }
}
