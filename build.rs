//! Migrations are built into the program; without this, cargo would not see that one has come.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
