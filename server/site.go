package main

import (
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"sync/atomic"

	"github.com/labstack/echo/v4"

	"rakam/trainer/pretrained"
)

// site is what the handlers share. A page is a method with one echo.Context that
// asks s.version for the version it is about and ends with s.render.
type site struct {
	config   Config
	log      *slog.Logger
	web      WebFiles
	built    *frontEnd
	versions atomic.Pointer[versions] // nil until they are loaded
	metrics  *metrics
}

// frontEnd is what is made of package web.
type frontEnd struct {
	assets *assets
	pages  *pages
}

func newSite(config Config, files WebFiles, log *slog.Logger) (*site, error) {
	if config.Dev {
		disk := os.DirFS("web")
		files = WebFiles{Templates: in(disk, "templates"), Locales: in(disk, "locales"), Dist: in(disk, "dist")}
	}
	built, err := loadFrontEnd(files)
	if err != nil {
		return nil, err
	}
	s := &site{config: config, log: log, web: files, built: built}
	s.metrics = newMetrics()
	return s, nil
}

func in(tree fs.FS, dir string) fs.FS {
	sub, err := fs.Sub(tree, dir)
	if err != nil {
		panic(err) // dir is a constant and a valid path
	}
	return sub
}

func loadFrontEnd(files WebFiles) (*frontEnd, error) {
	assets, err := loadAssets(files.Dist)
	if err != nil {
		return nil, err
	}
	pages, err := loadPages(files.Templates, files.Locales, assets)
	if err != nil {
		return nil, err
	}
	return &frontEnd{assets, pages}, nil
}

// frontEnd returns what was read at the start, or with --dev what is on disk now.
func (s *site) frontEnd() (*frontEnd, error) {
	if s.config.Dev {
		return loadFrontEnd(s.web)
	}
	return s.built, nil
}

// load makes the versions ready; until it returns, what needs one answers 503.
func (s *site) load(source func() ([]pretrained.Version, error)) error {
	all, err := loadVersions(source)
	if err != nil {
		return err
	}
	s.versions.Store(all)
	s.log.Info("ready", "champion", all.champion.ID, "versions", len(all.list))
	return nil
}

// handler returns every route behind the middleware.
func (s *site) handler() http.Handler {
	e := echo.New()
	e.HTTPErrorHandler = s.handleError
	e.Use(s.requestID, s.observe, s.recovered, secured, s.guarded)

	get := func(path string, h echo.HandlerFunc) { e.Match([]string{http.MethodGet, http.MethodHead}, path, h) }
	get("/", s.drawPage)
	get("/report", s.reportPage)
	get("/report/:version", s.reportPage)
	get("/confusion", s.confusionPage)
	get("/confusion/:version", s.confusionPage)
	get("/mnist/test/:name", s.testPicture)
	get("/assets/:name", s.asset)

	get("/api/v1/models", s.listModels)
	get("/api/v1/models/:id", s.getModel)
	get("/api/v1/models/:id/weights", s.getWeights)
	get("/api/v1/models/:id/report", s.getReport)
	get("/api/v1/champion", s.getChampion)
	e.POST("/api/v1/predict", s.predict)

	get("/openapi.yaml", s.openAPI)
	get("/healthz", s.healthy)
	get("/readyz", s.ready)
	get("/metrics", s.metrics.serve)
	get("/version", s.about)
	return e
}
