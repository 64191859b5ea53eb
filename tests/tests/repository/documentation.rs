//! The README is short, each guide is listed, and each link of the documentation has a target.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use phoenix_otel_tests::tools::{repository, repository_file};

/// The maximum size of the README in bytes. The rest belongs into a guide.
const README_AT_MOST: usize = 10_000;
/// The maximum size of a picture in bytes, since every clone contains each version.
const PICTURE_AT_MOST: u64 = 150_000;

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == ending));
    files.sort();
    assert!(!files.is_empty(), "{} has files that end in .{ending}", folder.display());
    files
}

/// Returns the pages at the root and in `docs`.
fn pages() -> Vec<PathBuf> {
    let root = repository();
    ["", "docs", "docs/runbooks"].into_iter().flat_map(|folder| files(&root.join(folder), "md")).collect()
}

fn name(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).expect("a name")
}

/// Returns a page without its code blocks.
fn prose(page: &str) -> String {
    let mut in_code = false;
    let lines = page.lines().filter(|line| {
        let is_fence = line.trim_start().starts_with("```");
        in_code ^= is_fence;
        !in_code && !is_fence
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Returns the targets of links, pictures and link definitions.
fn links(page: &str) -> Vec<String> {
    let prose = prose(page);
    let inline = prose.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target);
    let defined = prose.lines().filter(|line| line.starts_with('[')).filter_map(|line| line.split_once("]: "));
    inline.chain(defined.map(|(_, target)| target)).map(str::to_owned).collect()
}

/// Returns the anchors of the headings, as GitHub generates them.
fn anchors(page: &str) -> BTreeSet<String> {
    let prose = prose(page);
    let headings = prose.lines().filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim());
    let kept = |letter: &char| letter.is_alphanumeric() || [' ', '-', '_'].contains(letter);
    headings
        .map(|heading| heading.to_lowercase().chars().filter(kept).map(|l| if l == ' ' { '-' } else { l }).collect())
        .collect()
}

#[test]
fn the_readme_is_short() {
    let length = repository_file("README.md").len();
    assert!(length <= README_AT_MOST, "README.md has {length} bytes: move what is over {README_AT_MOST} to docs/");
}

#[test]
fn pictures_are_small() {
    for picture in files(&repository().join("docs/pictures"), "webp") {
        let length = picture.metadata().expect("its length").len();
        assert!(length <= PICTURE_AT_MOST, "{} has {length} bytes, at most {PICTURE_AT_MOST}", picture.display());
    }
}

#[test]
fn every_guide_is_listed() {
    let list = links(&repository_file("docs/README.md"));
    for page in files(&repository().join("docs"), "md") {
        let name = name(&page);
        assert!(name == "README.md" || list.iter().any(|link| link == name), "docs/README.md does not list {name}");
    }
}

#[test]
fn every_link_has_a_target() {
    let mut followed = 0;
    for path in pages() {
        let page = std::fs::read_to_string(&path).expect("a page");
        for link in links(&page) {
            if link.contains("://") {
                continue;
            }
            followed += 1;
            let (file, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = if file.is_empty() { path.clone() } else { path.with_file_name(file) };
            assert!(target.exists(), "{}: {link} leads nowhere", path.display());
            if !anchor.is_empty() {
                let there = anchors(&std::fs::read_to_string(&target).expect("a page"));
                assert!(there.contains(anchor), "{}: {link}: the page has {there:?}", path.display());
            }
        }
    }
    assert!(followed > 100, "{followed} links were found");
}
