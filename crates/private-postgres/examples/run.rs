//! Runs a private cluster until Ctrl-C: `cargo run -p private-postgres --example run -- DIRECTORY`.

use std::error::Error;
use std::path::PathBuf;

use private_postgres::{Application, Cluster, Settings};

const EXAMPLE: Application = Application {
    extensions: &["pg_trgm"],
    notify: |text| eprintln!("{text}"),
    ..Application::named("private-postgres-example")
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let data_dir = std::env::args_os()
        .nth(1)
        .map(PathBuf::from)
        .ok_or("name a data directory")?;
    let settings = Settings {
        allow_download: true,
        ..Settings::new(EXAMPLE, data_dir)
    };
    let cluster = Cluster::start(&settings).await?;
    let endpoint = cluster.endpoint();
    println!(
        "PGPASSWORD={} psql -h 127.0.0.1 -p {} -U {} postgres",
        endpoint.password, endpoint.port, endpoint.superuser
    );
    tokio::signal::ctrl_c().await?;
    cluster.stop().await?;
    Ok(())
}
