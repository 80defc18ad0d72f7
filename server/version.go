package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
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
	SHA256  string               // of File, in hex
	recipe  *recipe.Recipe       // nil when File names none
	weights func() *encoded.Blob // File, compressed by the first who asks
	readers sync.Pool            // of *reader.Reader, each for one request at a time
}

func newVersion(v pretrained.Version) *version {
	sum := sha256.Sum256(v.File)
	served := &version{Version: v, SHA256: hex.EncodeToString(sum[:])}
	served.weights = sync.OnceValue(func() *encoded.Blob { return encoded.New("application/octet-stream", v.File) })
	var trained recipe.Recipe
	if err := json.Unmarshal([]byte(v.Model.Meta.Recipe), &trained); err == nil {
		served.recipe = &trained
	}
	served.readers.New = func() any { return reader.New(v.Model) }
	return served
}

// weightsURL is where the weights are for a year: another file has another address.
func (v *version) weightsURL() string { return weightsURL(v.ID, v.SHA256) }

func weightsURL(id, sum string) string { return "/api/v1/models/" + id + "/weights?v=" + sum }

// version returns the one that the path names with :version (pages) or :id (API),
// or the champion when it names none.
func (s *site) version(c echo.Context) (*version, error) {
	return s.versionByID(c.Request().Context(), c.Param("version")+c.Param("id"))
}
