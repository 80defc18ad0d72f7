package main

import (
	_ "embed"
	"net/http"
	"regexp"
	"runtime"
	"runtime/debug"
	"sync"

	"github.com/labstack/echo/v4"

	"rakam/server/encoded"
)

// What the people and programs that run the server ask it.

//go:embed openapi.yaml
var openAPIText []byte

var openAPIBlob = sync.OnceValue(func() *encoded.Blob { return encoded.New("application/yaml", openAPIText) })

func (s *site) openAPI(c echo.Context) error {
	return openAPIBlob().Serve(c.Response(), c.Request(), "no-cache")
}

// healthy says that the process answers; ready, that it can read drawings, for
// which it needs no store.
func (s *site) healthy(c echo.Context) error {
	return state(c, stateBody{Status: "ok"})
}

func (s *site) ready(c echo.Context) error {
	if s.versions.Load() == nil {
		return notReady()
	}
	store, reason := s.storeState(c.Request().Context())
	return state(c, stateBody{"ready", store, reason})
}

type stateBody struct {
	Status string `json:"status"`
	Store  string `json:"store,omitempty"`  // "ok", "full" or "unavailable"
	Reason string `json:"reason,omitempty"` // why it is unavailable
}

func state(c echo.Context, body stateBody) error {
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.JSON(http.StatusOK, body)
}

// aboutBody says what is running.
type aboutBody struct {
	Version  string `json:"version"`
	Go       string `json:"go"`
	Commit   string `json:"commit,omitempty"`   // when built from a repository
	Champion string `json:"champion,omitempty"` // once it is loaded
}

func (s *site) about(c echo.Context) error {
	about := aboutBody{Version: programVersion(), Go: runtime.Version(), Commit: commit()}
	if all := s.versions.Load(); all != nil {
		about.Champion = all.champion().ID
	}
	c.Response().Header().Set("Cache-Control", "no-cache")
	return c.JSON(http.StatusOK, about)
}

// programVersion is the module's version, "dev" when it was built in its folder
// from something else than a release.
var programVersion = sync.OnceValue(func() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || !released.MatchString(info.Main.Version) {
		return "dev"
	}
	return info.Main.Version
})

// released is a version that somebody gave, not one that Go made from a commit.
var released = regexp.MustCompile(`^v\d+\.\d+\.\d+(-[a-z]+(\.\d+)?)?$`)

func commit() string {
	info, _ := debug.ReadBuildInfo()
	if info == nil {
		return ""
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			return setting.Value
		}
	}
	return ""
}
