//! Rebuilds the program when a migration is added: migrations are part of it.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
