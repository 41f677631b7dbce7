#!/usr/bin/env bash
# Builds the release binary and packs it with licence, READMEs, example, manual pages and completions. Prints the archive's path.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --locked --profile dist -p abate
target_dir=${CARGO_TARGET_DIR:-target}
binary=$target_dir/dist/abate
version=$("$binary" --version | awk '{print $2}')
host=$(rustc -vV | sed -n 's/^host: //p')
name=abate-$version-$host
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
mkdir -p "$stage/$name/completions"
cp "$binary" LICENSE README.md README.ja.md CHANGELOG.md "$stage/$name/"
cp -r examples schemas "$stage/$name/"
"$binary" man "$stage/$name/man" >/dev/null
for shell in bash zsh fish elvish powershell; do "$binary" completions "$shell" > "$stage/$name/completions/abate.$shell"; done
mkdir -p "$target_dir/dist"
archive=$target_dir/dist/$name.tar.gz
tar -C "$stage" --sort=name --owner=0 --group=0 --numeric-owner -czf "$archive" "$name"
(cd "$(dirname "$archive")" && sha256sum "$name.tar.gz" > "$name.tar.gz.sha256")
echo "$archive"
