//! The least rate at which the body of a request has to arrive while it holds a place.

use std::time::Duration;

/// How many bytes a second a client has to send in the long run.
pub const LEAST_RATE: u32 = 16 * 1024;

/// How long a client may still keep the server waiting.
pub struct Pace {
    left: Duration,
    grace: Duration,
}

impl Pace {
    /// Returns the pace of a body that begins to arrive. `grace` is how long the client may pause, or fall behind the rate.
    pub fn new(grace: Duration) -> Self {
        Self { left: grace, grace }
    }

    /// Returns the longest wait from now on.
    pub fn left(&self) -> Duration {
        self.left
    }

    /// Counts bytes for which the server waited: the wait uses up time, the bytes give it back.
    pub fn count(&mut self, waited: Duration, bytes: usize) {
        let earned = Duration::from_secs_f64(bytes as f64 / f64::from(LEAST_RATE));
        self.left = (self.left.saturating_sub(waited) + earned).min(self.grace);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRACE: Duration = Duration::from_secs(30);

    #[test]
    fn a_client_may_pause_and_has_to_keep_the_rate() {
        let second = Duration::from_secs(1);
        let mut at_2_kilobytes = Pace::new(GRACE);
        let mut at_20_kibibytes = Pace::new(GRACE);
        for _ in 0..600 {
            at_2_kilobytes.count(second, 2_000);
            at_20_kibibytes.count(second, 20 * 1024);
        }
        assert!(at_2_kilobytes.left() < second, "{:?}", at_2_kilobytes.left());
        assert_eq!(at_20_kibibytes.left(), GRACE);

        let mut pausing = Pace::new(GRACE);
        pausing.count(Duration::from_secs(29), 64 * 1024);
        assert_eq!(pausing.left(), Duration::from_secs(5));
    }
}
