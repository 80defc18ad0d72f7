package main

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"sync"
	"sync/atomic"

	"github.com/labstack/echo/v4"

	"rakam/trainer/drawn"
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
	traffic  traffic
	gating   sync.Mutex      // held while two versions are compared
	attempts limiter         // at proving to be the administrator, failed
	mail     limiter         // corrections by strangers
	audience crowd           // of open event streams
	streams  context.Context // ends the event streams when the server does

	training Training
	drawn    *drawn.Set            // what trained versions are measured on beside MNIST; nil for nothing
	opened   atomic.Pointer[store] // nil until it was looked for
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
	s := &site{config: config, log: log, web: files, built: built, streams: context.Background()}
	if config.Drawn != "" {
		if s.drawn, err = drawn.LoadSet(config.Drawn); err != nil {
			return nil, fmt.Errorf("--drawn: %w", err)
		}
	}
	s.attempts.most, s.mail.most = mostAttempts, mostMail
	s.audience.most, s.audience.mostEach = mostStreams, mostOfOne
	s.metrics = newMetrics(s)
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
	kept := s.kept()
	all, err := newVersions(source, kept.registry)
	if err != nil {
		return err
	}
	if kept.missing == nil && kept.jet != nil {
		s.enthrone(kept, all)
	}
	s.versions.Store(all)
	s.log.Info("ready", "champion", all.champion().ID)
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
	get("/mnist/:name", s.testFile)
	get("/assets/:name", s.asset)
	get("/sw.js", s.serviceWorker)
	get("/train", s.trainPage)
	e.POST("/train", s.startRun)
	get("/runs/:id", s.runPage)
	e.POST("/runs/:id", s.changeRun)
	get("/models", s.modelsPage)
	e.POST("/models", s.changeModels)
	get("/compare", s.comparePage)
	get("/corrections", s.correctionsPage)
	e.POST("/corrections", s.changeCorrections)
	get("/login", s.loginPage)
	e.POST("/login", s.login)
	e.POST("/logout", s.logout)

	get("/api/v1/models", s.listModels)
	get("/api/v1/models/:id", s.getModel)
	get("/api/v1/models/:id/weights", s.getWeights)
	get("/api/v1/models/:id/report", s.getReport)
	get("/api/v1/models/:id/history", s.getHistory)
	get("/api/v1/models/:id/card", s.getCard)
	e.DELETE("/api/v1/models/:id", s.deleteModel)
	get("/api/v1/champion", s.getChampion)
	e.PUT("/api/v1/champion", s.putChampion)
	e.POST("/api/v1/champion/rollback", s.rollBack)
	e.POST("/api/v1/predict", s.predict)

	get("/api/v1/recipes", s.listRecipes)
	get("/api/v1/recipes/:name/estimate", s.estimate)
	get("/api/v1/runs", s.listRuns)
	e.POST("/api/v1/runs", s.submitRun)
	get("/api/v1/runs/:id", s.getRun)
	e.DELETE("/api/v1/runs/:id", s.cancelRun)
	e.POST("/api/v1/runs/:id/resume", s.resumeRun)
	e.GET("/api/v1/runs/:id/events", s.runEvents)
	e.GET("/api/v1/events", s.allEvents)

	get("/api/v1/corrections", s.listCorrections)
	e.POST("/api/v1/corrections", s.addCorrection)
	get("/api/v1/corrections.jsonl", s.exportCorrections)
	e.POST("/api/v1/corrections/import", s.importCorrections)
	get("/api/v1/corrections/:id", s.getCorrection)
	e.DELETE("/api/v1/corrections/:id", s.deleteCorrection)
	e.POST("/api/v1/corrections/:id/approve", s.approveCorrection)

	get("/openapi.yaml", s.openAPI)
	get("/healthz", s.healthy)
	get("/readyz", s.ready)
	get("/metrics", s.metrics.serve)
	get("/version", s.about)
	return e
}
