package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"sync"

	"rakam/server/encoded"
)

// errNotBuilt is what a page meets in a fresh clone: web/dist is still empty.
var errNotBuilt = errors.New("web/dist is empty: run `make build`")

// assets are the files the front end was built into, under /assets/ by their
// hashed names. Only what the manifest lists is served.
type assets struct {
	dist   fs.FS
	hashed map[string]string // logical name → hashed name
	files  map[string]string // hashed name → logical name
	loaded sync.Map          // hashed name → *encoded.Blob
}

const manifestFile = "manifest.json"

// loadAssets reads the manifest; without one the result is empty, not an error.
func loadAssets(dist fs.FS) (*assets, error) {
	a := &assets{dist: dist, hashed: map[string]string{}, files: map[string]string{}}
	text, err := fs.ReadFile(dist, manifestFile)
	if errors.Is(err, fs.ErrNotExist) {
		return a, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &a.hashed); err != nil {
		return nil, fmt.Errorf("%s: %w: run `make build` again", manifestFile, err)
	}
	for name, hashed := range a.hashed {
		a.files[hashed] = name
	}
	return a, nil
}

// url returns the address of the file with this logical name, as in "draw.js".
func (a *assets) url(name string) (string, error) {
	if len(a.hashed) == 0 {
		return "", errNotBuilt
	}
	hashed, ok := a.hashed[name]
	if !ok {
		return "", fmt.Errorf("no asset %q in %s", name, manifestFile)
	}
	return "/assets/" + hashed, nil
}

// blob returns the file with this hashed name, or nil.
func (a *assets) blob(hashed string) (*encoded.Blob, error) {
	if b, ok := a.loaded.Load(hashed); ok {
		return b.(*encoded.Blob), nil
	}
	if _, ok := a.files[hashed]; !ok {
		return nil, nil
	}
	body, err := fs.ReadFile(a.dist, hashed)
	if err != nil {
		return nil, err
	}
	b := encoded.Plain(contentType(hashed), body)
	if b.Brotli, err = sibling(a.dist, hashed+".br"); err != nil {
		return nil, err
	}
	if b.Gzip, err = sibling(a.dist, hashed+".gz"); err != nil {
		return nil, err
	}
	a.loaded.Store(hashed, b)
	return b, nil
}

// sibling reads a file that need not be there: the build compresses only what
// becomes smaller.
func sibling(dist fs.FS, name string) ([]byte, error) {
	body, err := fs.ReadFile(dist, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return body, err
}

// contentType knows the built files by extension. The table of the operating
// system is not asked: it differs from machine to machine.
func contentType(name string) string {
	switch path.Ext(name) {
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".wasm":
		return "application/wasm"
	case ".json", ".map":
		return "application/json"
	case ".webmanifest":
		return "application/manifest+json"
	case ".svg":
		return "image/svg+xml"
	case ".png":
		return "image/png"
	case ".ico":
		return "image/x-icon"
	case ".woff2":
		return "font/woff2"
	case ".txt":
		return "text/plain; charset=utf-8"
	}
	return "application/octet-stream"
}
