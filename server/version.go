package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"sync"

	"github.com/labstack/echo/v4"

	"rakam/server/encoded"
	"rakam/trainer/pretrained"
	"rakam/trainer/recipe"
	"rakam/wasm/reader"
)

// version is a version as it is served.
type version struct {
	pretrained.Version
	SHA256  string         // of File, in hex
	recipe  *recipe.Recipe // nil when File names none
	weights *encoded.Blob  // File, compressed once
	readers sync.Pool      // of *reader.Reader, each for one request at a time
}

// versions are those the server knows; it never changes once loaded.
type versions struct {
	list     []*version // in shipping order
	byID     map[string]*version
	champion *version
}

// loadVersions makes ready what source gives. The first version is the champion.
func loadVersions(source func() ([]pretrained.Version, error)) (*versions, error) {
	shipped, err := source()
	if err != nil {
		return nil, err
	}
	if len(shipped) == 0 {
		return nil, errors.New("there is no model to serve: make one with `make train`, then `make build`")
	}
	all := &versions{byID: map[string]*version{}}
	for _, v := range shipped {
		served := newVersion(v)
		all.list = append(all.list, served)
		all.byID[v.ID] = served
	}
	all.champion = all.list[0]
	return all, nil
}

func newVersion(v pretrained.Version) *version {
	sum := sha256.Sum256(v.File)
	served := &version{Version: v, SHA256: hex.EncodeToString(sum[:])}
	served.weights = encoded.New("application/octet-stream", v.File)
	var trained recipe.Recipe
	if err := json.Unmarshal([]byte(v.Model.Meta.Recipe), &trained); err == nil {
		served.recipe = &trained
	}
	served.readers.New = func() any { return reader.New(v.Model) }
	return served
}

// weightsURL is where the weights are for a year: another file has another address.
func (v *version) weightsURL() string {
	return "/api/v1/models/" + v.ID + "/weights?v=" + v.SHA256
}

// version returns the one that the path names with :version (pages) or :id (API),
// or the champion when it names none.
func (s *site) version(c echo.Context) (*version, error) {
	return s.versionByID(c.Param("version") + c.Param("id"))
}

func (s *site) versionByID(id string) (*version, error) {
	all := s.versions.Load()
	switch {
	case all == nil:
		return nil, notReady()
	case id == "":
		return all.champion, nil
	}
	v, ok := all.byID[id]
	if !ok {
		return nil, noVersion(id)
	}
	return v, nil
}
