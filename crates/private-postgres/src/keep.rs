//! Keeps a server running that ends by itself: its process was killed, or PostgreSQL gave up.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::application::Settings;
use crate::cluster::Cluster;
use crate::error::ClusterError;
use crate::start::Start;
use crate::{kept, log};

/// The first and the longest pause before a try; each is twice as long as the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

impl Cluster {
    /// Starts the server again, on the same port, whenever it ends without [`Cluster::stop`]. Never returns; drop the future to end
    /// it. Tries until the server starts, with pauses of up to 30 seconds, and logs each start and each try that failed, with the
    /// path of the server's log.
    pub async fn keep_running(&mut self) -> Infallible {
        let settings = Settings {
            port: Some(self.endpoint.port),
            ..self.settings.clone()
        };
        let log = log::path(&self.home);
        let mut pause = FIRST_PAUSE;
        loop {
            let since = Instant::now();
            let how = self.server.ended().await;
            if since.elapsed() > LONGEST_PAUSE {
                pause = FIRST_PAUSE;
            }
            let ended = Instant::now();
            for tries in 1_u32.. {
                sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
                match self.start_again(&settings).await {
                    Ok(()) => {
                        tracing::warn!(
                            log = %log.display(),
                            seconds = ended.elapsed().as_secs_f64(),
                            "PostgreSQL ended by itself ({how}) and was started again"
                        );
                        break;
                    }
                    Err(error) => tracing::error!(
                        log = %log.display(),
                        tries,
                        "PostgreSQL ended by itself ({how}) and does not start again; the next try is in {} s: {error}",
                        pause.as_secs_f64()
                    ),
                }
            }
        }
    }

    async fn start_again(&mut self, settings: &Settings) -> Result<(), ClusterError> {
        // A start would make a new cluster in place of one that was removed.
        if kept::major(&self.home)?.is_none() {
            return Err(ClusterError::Damaged {
                path: self.home.data(),
            });
        }
        let start = Start {
            settings,
            home: &self.home,
            account: self.account.clone(),
        };
        (self.server, self.endpoint) = start.run().await?;
        Ok(())
    }
}
