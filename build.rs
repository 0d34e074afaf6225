//! Puts the templates inside the binary of a release; other builds read them from disk.

fn main() {
    println!("cargo:rustc-check-cfg=cfg(embedded)");
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=MINHBACH_EMBED");
    let release = std::env::var_os("PROFILE").is_some_and(|profile| profile == "release");
    // Set by hand, it makes a debugging build like a release in this one respect.
    if release || std::env::var_os("MINHBACH_EMBED").is_some() {
        println!("cargo:rustc-cfg=embedded");
    }
    minijinja_embed::embed_templates!("templates", &[".html", ".txt"][..]);
}
