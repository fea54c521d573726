// Checks the newest checkpoint of a small ledger with the packages of Go's own checksum database,
// golang.org/x/mod/sumdb/note and golang.org/x/mod/sumdb/tlog:  go run check.go LEDGER VKEY-FILE
package main

import (
	"encoding/base64"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type stored []tlog.Hash

func (s stored) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var found []tlog.Hash
	for _, index := range indexes {
		found = append(found, s[index])
	}
	return found, nil
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func read(path ...string) string {
	data, err := os.ReadFile(filepath.Join(path...))
	must(err)
	return string(data)
}

func main() {
	log.SetFlags(0)
	ledger := os.Args[1]

	// The signature: the first line of the file is the log's Ed25519 key.
	verifier, err := note.NewVerifier(strings.Split(read(os.Args[2]), "\n")[0])
	must(err)
	signed, err := note.Open([]byte(read(ledger, "checkpoint")), note.VerifierList(verifier))
	must(err)
	var origin, root string
	var size int64
	_, err = fmt.Sscanf(signed.Text, "%s\n%d\n%s\n", &origin, &size, &root)
	must(err)

	// The root, over every entry of the bundles. Up to 256,000 entries: larger ledgers have longer names.
	var hashes stored
	for index := int64(0); index < size; index++ {
		name := fmt.Sprintf("%03d", index/256)
		if rest := size - index/256*256; rest < 256 {
			name += fmt.Sprintf(".p/%d", rest)
		}
		bundle := read(ledger, "tile", "entries", name)
		for ; len(bundle) > 0; index++ {
			length := int(bundle[0])<<8 | int(bundle[1])
			more, err := tlog.StoredHashes(index, []byte(bundle[2:2+length]), hashes)
			must(err)
			hashes = append(hashes, more...)
			bundle = bundle[2+length:]
		}
		index--
	}
	computed, err := tlog.TreeHash(size, hashes)
	must(err)
	if base64.StdEncoding.EncodeToString(computed[:]) != root {
		log.Fatalf("the root over %d entries is %v, not %s", size, computed, root)
	}
	fmt.Printf("%s: %d entries, root %s, signed by %s\n", origin, size, root, signed.Sigs[0].Name)
}
