//! What a call knows of the content that it pins.

use w3pin_unixfs::Profile;

use super::{call::Reading, port::Port};
use crate::{Cid, Computed, Multipart, Pin, Result, Verification, Verify};

/// The content of a call: what roots it has, and whether it can be read again to find out.
pub(crate) struct Content {
    repeatable: bool,
    verify: Verify,
    /// The profile that the service is expected to use.
    expected: Profile,
    computed: Vec<Computed>,
    identity: Identity,
}

/// What tells the roots.
enum Identity {
    /// The files, once they are read.
    Files(Multipart),
    /// A CID that was given.
    Cid(Cid),
    /// A CAR, whose root is that of its blocks once they were compared with their CIDs.
    Car(Multipart),
    /// What was computed is all there is.
    Computed,
}

impl Content {
    /// Content that is sent.
    pub(crate) fn sent(
        files: Multipart,
        expected: Profile,
        verify: Verify,
        repeatable: bool,
    ) -> Self {
        Self {
            repeatable,
            verify,
            expected,
            computed: Vec::new(),
            identity: Identity::Files(files),
        }
    }

    /// Content that was sent elsewhere, with all roots that are known.
    pub(crate) fn prepared(computed: Vec<Computed>, verify: Verify) -> Self {
        Self {
            repeatable: false,
            verify,
            expected: Profile::default(),
            computed,
            identity: Identity::Computed,
        }
    }

    /// Content that is on IPFS already.
    pub(crate) fn named(cid: Cid) -> Self {
        Self {
            repeatable: true,
            verify: Verify::Off,
            expected: Profile::default(),
            computed: Vec::new(),
            identity: Identity::Cid(cid),
        }
    }

    /// A CAR that is sent.
    pub(crate) fn car(plan: Multipart, verify: Verify) -> Self {
        Self {
            repeatable: true,
            verify,
            expected: Profile::default(),
            computed: Vec::new(),
            identity: Identity::Car(plan),
        }
    }

    /// Whether it can be sent again once its first byte has gone out.
    pub(crate) fn is_repeatable(&self) -> bool {
        self.repeatable
    }

    /// The profiles under which its root is computed while it is sent.
    pub(crate) fn while_sending(&self) -> &[Profile] {
        if self.verify == Verify::Off {
            &[]
        } else {
            std::slice::from_ref(&self.expected)
        }
    }

    /// Keeps the roots of the attempt that sent it last.
    pub(crate) fn keep(&mut self, roots: Vec<Computed>) {
        if !roots.is_empty() {
            self.computed = roots;
        }
    }

    /// Every root that it may have at the service.
    ///
    /// # Errors
    /// If it can't be read.
    pub(crate) async fn cids<I>(&mut self, port: &Port<I>) -> Result<Vec<Cid>> {
        if let Identity::Cid(cid) = &self.identity {
            return Ok(vec![cid.clone()]);
        }
        self.compute_known(port).await?;
        Ok(self.computed.iter().map(|it| it.cid.clone()).collect())
    }

    /// Says what is proved of a pin of it.
    ///
    /// # Errors
    /// [`CidMismatch`](crate::ErrorKind::CidMismatch) if proof is required and there is none.
    pub(crate) async fn judge<I>(&mut self, port: &Port<I>, mut pin: Pin) -> Result<Pin> {
        if self.verify == Verify::Off {
            return Ok(pin);
        }
        pin.verification = self.compare(&pin.cid);
        let open = matches!(
            pin.verification,
            Verification::Unproved { .. } | Verification::Unchecked
        );
        // Content that has changed or gone meanwhile stays unproved.
        if open && self.compute_known(port).await.is_ok() {
            pin.verification = self.compare(&pin.cid);
        }
        if self.verify == Verify::Require {
            pin.verification.require(&pin.cid)?;
        }
        Ok(pin)
    }

    /// Compares the service's CID with what was computed so far.
    fn compare(&self, returned: &Cid) -> Verification {
        match (&self.identity, self.computed.first()) {
            (Identity::Car(_), Some(root)) => Verification::judge_car(returned, &root.cid),
            _ => Verification::judge(returned, &self.computed),
        }
    }

    /// Computes the roots under all known profiles, if the content can be read again. A CAR has the same under each.
    async fn compute_known<I>(&mut self, port: &Port<I>) -> Result<()> {
        let (plan, others) = match &self.identity {
            Identity::Files(plan) => (plan, Profile::known().to_vec()),
            Identity::Car(plan) => (plan, Vec::new()),
            Identity::Cid(_) | Identity::Computed => return Ok(()),
        };
        let mut missing: Vec<Profile> = Vec::new();
        for profile in [self.expected].into_iter().chain(others) {
            let is_known = self.computed.iter().any(|it| it.profile == profile);
            if !is_known && !missing.contains(&profile) {
                missing.push(profile);
            }
        }
        if self.repeatable && !missing.is_empty() {
            let reading = Reading {
                plan: plan.clone(),
                profiles: missing,
            };
            self.computed.extend(port.read(reading).await?);
        }
        Ok(())
    }
}
