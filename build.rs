//! Rebuilds the program when a migration or an SQL function is added, and lists the functions: they are part of it.

use std::fmt::Write;
use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=migrations");
    println!("cargo:rerun-if-changed=sql/functions");
    // Read when the script runs: a target folder that was copied has the script of another checkout.
    let root =
        env::var_os("CARGO_MANIFEST_DIR").ok_or_else(|| io::Error::other("cargo sets CARGO_MANIFEST_DIR"))?;
    let folder = Path::new(&root).join("sql/functions");
    let mut files: Vec<_> = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<_>>()?;
    files.sort();
    let mut list = String::from("&[\n");
    for file in files
        .iter()
        .filter(|file| file.extension().is_some_and(|extension| extension == "sql"))
    {
        let name = file.file_stem().unwrap_or_default();
        let line = writeln!(list, "    ({name:?}, include_str!({file:?})),");
        line.map_err(io::Error::other)?;
    }
    list.push_str("]\n");
    let out = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("cargo sets OUT_DIR"))?;
    fs::write(Path::new(&out).join("functions.rs"), list)
}
