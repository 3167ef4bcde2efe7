//! The client of clients/python and the examples: installed by pip as a user does it, type-checked, and tested against a server
//! with the demo's cases.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::TestApp;

/// A virtual environment with the client and what its tests need. It stays in the target directory, so that only the first
/// run downloads packages.
struct Environment {
    python: PathBuf,
    client: PathBuf,
}

impl Environment {
    /// Makes the environment and installs the client; `None`, with a printed reason, where that is not possible.
    ///
    /// # Panics
    /// If packages can be downloaded but the client can't be installed.
    fn new() -> Option<Self> {
        let client = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/python");
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python-client");
        let python = folder.join("bin/python");
        let check = "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))";
        if !Command::new("python3")
            .args(["-c", check])
            .output()
            .is_ok_and(|output| output.status.success())
        {
            eprintln!("skipped: no Python of 3.11 or later with venv (Debian: apt-get install python3-venv)");
            return None;
        }
        let made = run(Command::new("python3").args(["-m", "venv"]).arg(&folder));
        assert!(made.status.success(), "{}", text(&made));
        let pip = |arguments: &[&str]| {
            let mut pip = Command::new(&python);
            pip.args([
                "-m",
                "pip",
                "--disable-pip-version-check",
                "--quiet",
                "--retries",
                "1",
            ]);
            run(pip.args(arguments))
        };
        let installed = pip(&["install", &format!("{}[test]", client.display())]);
        if !installed.status.success() {
            let downloads = folder.join("downloads");
            let reached = pip(&[
                "download",
                "--no-deps",
                "--dest",
                &downloads.to_string_lossy(),
                "urllib3",
            ]);
            assert!(!reached.status.success(), "{}", text(&installed));
            eprintln!("skipped: PyPI can't be reached: {}", text(&reached));
            return None;
        }
        Some(Self { python, client })
    }

    /// Runs a module in the folder of the client.
    fn module(&self, arguments: &[&str], app: Option<&TestApp>) {
        let mut command = Command::new(&self.python);
        command.arg("-m").args(arguments).current_dir(&self.client);
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        if let Some(app) = app {
            command
                .env("DEMARCHE_URL", &app.address)
                .env("DEMARCHE_TOKEN", &app.analyst);
        }
        let output = run(&mut command);
        assert!(output.status.success(), "{arguments:?}:\n{}", text(&output));
    }
}

fn run(command: &mut Command) -> Output {
    command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

fn text(output: &Output) -> String {
    let [out, err] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    format!("{out}{err}")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_python_client_and_the_examples_work_and_their_types_fit() {
    // The types are checked while the demo's cases are loaded.
    let checking = tokio::task::spawn_blocking(|| {
        let environment = Environment::new()?;
        let cache = concat!(env!("CARGO_TARGET_TMPDIR"), "/mypy");
        environment.module(&["mypy", "--cache-dir", cache], None);
        Some(environment)
    });
    let app = TestApp::with_demo().await;
    let Some(environment) = checking.await.expect("the types fit") else {
        return;
    };

    let tests = ["pytest", "--quiet", "-p", "no:cacheprovider"];
    tokio::task::block_in_place(|| environment.module(&tests, Some(&app)));
}
