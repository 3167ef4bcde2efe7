//! Unpacks the archives of packages.

use std::fs::{self, File, Permissions};
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Component, Path, PathBuf};

use crate::packages::PackageClient;

/// Unpacks an archive of a package client to a directory that does not exist yet.
pub(crate) fn unpack(client: PackageClient, archive: &Path, target: &Path) -> io::Result<()> {
    let file = io::BufReader::new(File::open(archive)?);
    match client {
        PackageClient::Npm => {
            let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(file));
            for entry in archive.entries()? {
                let mut entry = entry?;
                if entry.header().entry_type().is_file() {
                    let (path, mode) = (entry.path()?.into_owned(), entry.header().mode()?);
                    place(target, &path, mode, &mut entry)?;
                }
            }
            link(&target.join("package"))
        }
        PackageClient::Pip => {
            let mut archive = zip::ZipArchive::new(file).map_err(io::Error::other)?;
            for index in 0..archive.len() {
                let mut entry = archive.by_index(index).map_err(io::Error::other)?;
                if entry.is_file() {
                    let path = PathBuf::from(entry.name().map_err(io::Error::other)?.as_ref());
                    let mode = entry.unix_mode().unwrap_or(0o644);
                    place(target, &path, mode, &mut entry)?;
                }
            }
            Ok(())
        }
    }
}

/// Writes one file of an archive, readable by all: another user than the cluster's unpacks it.
fn place(target: &Path, path: &Path, mode: u32, content: &mut impl Read) -> io::Result<()> {
    stays_inside(path)?;
    let path = target.join(path);
    if let Some(folder) = path.parent() {
        make_folders(folder)?;
    }
    let mut file = File::create_new(&path)?;
    io::copy(content, &mut file)?;
    file.set_permissions(Permissions::from_mode(if mode & 0o100 == 0 {
        0o644
    } else {
        0o755
    }))
}

fn make_folders(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    if let Some(above) = folder.parent() {
        make_folders(above)?;
    }
    fs::create_dir(folder)?;
    fs::set_permissions(folder, Permissions::from_mode(0o755))
}

fn stays_inside(path: &Path) -> io::Result<()> {
    if path
        .components()
        .all(|component| matches!(component, Component::Normal(_)))
    {
        return Ok(());
    }
    Err(io::Error::new(
        io::ErrorKind::InvalidData,
        format!("{} leads out of the archive", path.display()),
    ))
}

/// Makes the links of a package. npm's archives carry none: this package lists them for a script of `npm install`.
fn link(package: &Path) -> io::Result<()> {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Link {
        source: PathBuf,
        target: PathBuf,
    }
    let list = fs::read(package.join("native/pg-symlinks.json"))?;
    for Link { source, target } in serde_json::from_slice::<Vec<Link>>(&list)? {
        stays_inside(&target)?;
        if let (Some(name), true) = (source.file_name(), source.parent() == target.parent()) {
            std::os::unix::fs::symlink(name, package.join(&target))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::stays_inside;

    #[test]
    fn a_path_that_leaves_the_archive_is_refused() {
        assert!(stays_inside(Path::new("package/native/bin/postgres")).is_ok());
        for path in ["/etc/passwd", "package/../../etc/passwd"] {
            assert!(stays_inside(Path::new(path)).is_err(), "{path}");
        }
    }
}
