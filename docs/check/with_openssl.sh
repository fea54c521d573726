#!/bin/sh
# Checks the log's Ed25519 signature on a checkpoint with openssl 3, and one leaf hash with sha256sum:
#   sh with_openssl.sh LEDGER VKEY-FILE BUNDLE
# BUNDLE is an entry bundle below LEDGER/tile/entries; its first entry is hashed.
set -eu
ledger=$1
vkey=$(head -n 1 "$2")
bundle=$3
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT

# A vkey is NAME+ID+KEY; KEY is base64 of the kind (one byte, 01) and the public key (32 bytes).
# openssl wants the key in DER: twelve fixed bytes (RFC 8410), then the key.
name=${vkey%%+*}
printf '%s' "${vkey#*+*+}" | base64 -d > "$work/key"
{ printf '302a300506032b6570032100' | xxd -r -p; tail -c 32 "$work/key"; } > "$work/key.der"
id=$({ printf '%s\n' "$name"; cat "$work/key"; } | sha256sum | cut -c 1-8)
echo "key id $id, in the vkey $(printf '%s' "$vkey" | cut -d + -f 2)"

# What is signed is everything before the empty line. The signature is the end of the log's line, after 4 bytes of key id.
sed '/^$/,$d' "$ledger/checkpoint" > "$work/text"
grep "^— $name " "$ledger/checkpoint" | head -n 1 | cut -d ' ' -f 3 | base64 -d | tail -c 64 > "$work/signature"
openssl pkeyutl -verify -pubin -keyform DER -inkey "$work/key.der" -rawin -in "$work/text" -sigfile "$work/signature"

# The first entry of a bundle: its length in two bytes, then the entry. Its leaf hash is over a zero byte and the entry.
length=$((0x$(head -c 2 "$ledger/tile/entries/$bundle" | xxd -p)))
head -c $((2 + length)) "$ledger/tile/entries/$bundle" | tail -c "$length" > "$work/entry"
cat "$work/entry"
echo
echo "hashed  $({ printf '\000'; cat "$work/entry"; } | sha256sum | cut -c 1-64)"
echo "tile    $(head -c 32 "$ledger/tile/0/$bundle" | xxd -p -c 32)"
