//! The content of a call.

use w3pin_unixfs::Profile;

use super::{call::Reading, port::Port};
use crate::{Cid, Computed, Multipart, Pin, Result, Verification, Verify};

/// The content that a call pins: its known roots, and whether it can be read again to compute
/// others.
pub(crate) struct Content {
    repeatable: bool,
    verify: Verify,
    /// The profile that the service is expected to use.
    expected: Profile,
    computed: Vec<Computed>,
    identity: Identity,
}

/// What determines the roots.
enum Identity {
    /// The files, once they are read.
    Files(Multipart),
    /// A given CID.
    Cid(Cid),
    /// A CAR, whose root is verified by comparing its blocks with their CIDs.
    Car(Multipart),
    /// Only what has been computed.
    Computed,
}

impl Content {
    /// Returns content that is being sent.
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

    /// Returns content that was sent by others, with all known roots.
    pub(crate) fn prepared(computed: Vec<Computed>, verify: Verify) -> Self {
        Self {
            repeatable: false,
            verify,
            expected: Profile::default(),
            computed,
            identity: Identity::Computed,
        }
    }

    /// Returns content that is already on IPFS.
    pub(crate) fn named(cid: Cid) -> Self {
        Self {
            repeatable: true,
            verify: Verify::Off,
            expected: Profile::default(),
            computed: Vec::new(),
            identity: Identity::Cid(cid),
        }
    }

    /// Returns a CAR that is being sent.
    pub(crate) fn car(plan: Multipart, verify: Verify) -> Self {
        Self {
            repeatable: true,
            verify,
            expected: Profile::default(),
            computed: Vec::new(),
            identity: Identity::Car(plan),
        }
    }

    /// Returns whether it can be sent again after its first byte.
    pub(crate) fn is_repeatable(&self) -> bool {
        self.repeatable
    }

    /// Returns the profiles under which to compute its root while it is sent.
    pub(crate) fn while_sending(&self) -> &[Profile] {
        if self.verify == Verify::Off {
            &[]
        } else {
            std::slice::from_ref(&self.expected)
        }
    }

    /// Stores the roots of the last attempt.
    pub(crate) fn keep(&mut self, roots: Vec<Computed>) {
        if !roots.is_empty() {
            self.computed = roots;
        }
    }

    /// Returns every root that the service may have computed.
    ///
    /// # Errors
    /// If the content can't be read.
    pub(crate) async fn cids<I>(&mut self, port: &Port<I>) -> Result<Vec<Cid>> {
        if let Identity::Cid(cid) = &self.identity {
            return Ok(vec![cid.clone()]);
        }
        self.compute_known(port).await?;
        Ok(self.computed.iter().map(|it| it.cid.clone()).collect())
    }

    /// Sets what is proved about a pin of it.
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
        // Content that has since changed or been removed stays unproved.
        if open && self.compute_known(port).await.is_ok() {
            pin.verification = self.compare(&pin.cid);
        }
        if self.verify == Verify::Require {
            pin.verification.require(&pin.cid)?;
        }
        Ok(pin)
    }

    /// Compares the service's CID with the roots computed so far.
    fn compare(&self, returned: &Cid) -> Verification {
        match (&self.identity, self.computed.first()) {
            (Identity::Car(_), Some(root)) => Verification::judge_car(returned, &root.cid),
            _ => Verification::judge(returned, &self.computed),
        }
    }

    /// Computes the roots under all known profiles, if the content can be read again. A CAR has the
    /// same root under each.
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
