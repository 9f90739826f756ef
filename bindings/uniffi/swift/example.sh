#!/bin/bash
# Creates the package's repository, builds the examples as an app that depends on it by URL and version, and runs them
# against a local server: example.sh [REPOSITORY]
#
# REPOSITORY is one created by package-repository.sh; without it, a temporary one is created.
set -euo pipefail
cd "$(dirname "$0")"
target=$(cd ../../.. && pwd)/target
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$folder"' EXIT

export GIT_AUTHOR_NAME=w3pin GIT_AUTHOR_EMAIL=w3pin@localhost GIT_COMMITTER_NAME=w3pin GIT_COMMITTER_EMAIL=w3pin@localhost
version=$(sed -n 's/^version = "\(.*\)"/\1/p' ../../../Cargo.toml)
repository=${1:-$folder/w3pin}
[ $# = 1 ] || ./package-repository.sh "$repository" "$version"
cp -R ../../../examples/swift "$folder/app"
# A package of a repository is called like it.
sed -i -e "s|name: \"w3pin\", path: \"../../bindings/uniffi/swift\"|url: \"file://$repository\", exact: \"$version\"|" \
    -e "s|package: \"w3pin\"|package: \"$(basename "$repository")\"|" "$folder/app/Package.swift"
grep -q "exact: \"$version\"" "$folder/app/Package.swift"
swift build --package-path "$folder/app" --cache-path "$folder/cache" >&2
programs=$folder/app/.build/debug
example=$programs/tour

export W3PIN_API_KEY=KEY W3PIN_SECRET_KEY=SECRET
mkfifo "$folder/said"
"$target/debug/w3pin" serve --json --listen 127.0.0.1:0 --data "$folder/data" \
    --api-key KEY --secret-key SECRET >"$folder/said" &
server=$!
read -r said <"$folder/said"
W3PIN_ENDPOINT=$(sed 's/.*"endpoint":"\([^"]*\)".*/\1/' <<<"$said")
export W3PIN_ENDPOINT

mkdir "$folder/site" "$folder/blog" "$folder/films" "$folder/images"
echo '<h1>here</h1>' >"$folder/site/index.html"
echo '<h1>news</h1>' >"$folder/blog/index.html"
truncate -s 1G "$folder/films/film"

pin=$("$example" "$folder/site")
[[ $("$example" list) == "$pin" ]]

# A job of a script ignores Ctrl-C unless the job has its own group.
set -m
"$example" "$folder/films" 2>"$folder/progress" &
set +m
until grep -q '[1-9]% sent' "$folder/progress"; do kill -0 $!; sleep 0.1; done
kill -INT $!
status=0
wait $! || status=$?
[[ $status == 130 ]]
grep -q 'nothing is pinned' "$folder/progress"
[[ $("$example" list) == "$pin" ]]

"$example" unpin "${pin%%$'\t'*}"
[[ -z $("$example" list) ]]
echo "pinned, listed, stopped in the middle of an upload, and unpinned: $pin"

cd "$folder"
w3pin=$target/debug/w3pin
seq 0 999 | while read -r token; do echo "$token" >"images/$token.png"; done
echo draft >draft.txt
site=$("$w3pin" cid site | cut -f 1)
[[ $("$programs/pin-file" site/index.html) == "$("$w3pin" cid site/index.html | cut -f 1)" ]]
[[ $("$programs/pin-folder" site) == "$site" ]]
for _ in sent unchanged; do
    [[ $("$programs/sync-folder" blog example.org) == "$("$w3pin" cid blog | cut -f 1)" ]]
done
[[ $("$w3pin" ls --all --meta w3pin.sync=example.org | wc -l) == 1 ]]
"$w3pin" cat "$("$programs/pin-drop" images)7.json" | grep -q "$("$w3pin" cid images | cut -f 1)"
"$w3pin" add --wait --meta stage=draft draft.txt
"$programs/clean-up" draft
[[ -z $("$w3pin" ls --all --pinned --meta stage=draft) ]]
"$programs/read-back" "$site" copy
diff -r site copy
REQUEST_METHOD=POST CONTENT_LENGTH=6 "$programs/web-handler" <draft.txt | grep -q "$("$w3pin" cid draft.txt | cut -f 1)"
REQUEST_METHOD=GET PATH_INFO=/$site/index.html "$programs/web-handler" | grep -q '<h1>here</h1>'
echo "ran the seven examples"
