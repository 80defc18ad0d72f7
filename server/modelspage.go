package main

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"rakam/server/locale"
	"rakam/trainer/registry"
	"rakam/trainer/report"
)

// modelsPage is what models.html shows: every version, and who was the champion.
type modelsPage struct {
	Admin    bool
	HasStore bool
	Champion string
	Revision uint64 // of the champion: what a form that changes it was looking at
	Previous string // champion to go back to, or ""
	Note     *modelsNote
	Failure  *modelsNote
	Rows     []modelRow
	DrawnOn  string // the drawn digits that scores are on, where a row does not name others
	Doomed   string // the version that is to be deleted, once that is confirmed
	History  []promotionRow
}

// modelsNote says what was done, or why it was not.
type modelsNote struct {
	Kind    string // of text, "models.note.KIND" or "models.fail.KIND"
	Version string
	Gate    *report.Comparison // of what is worse or cannot be compared
	P       string

	Revision uint64 // of the champion that it was compared with
}

// modelRow is a version in the table.
type modelRow struct {
	registry.Version
	Champion  bool
	Percent   float64
	Interval  span
	Drawn     *drawnHeadline // nil where the version was not measured on drawn digits
	SizeKB    float64
	When      *stamp // nil for what ships
	Crowned   *promotionRow
	CanDelete bool
}

// drawnHeadline is a score on drawn digits, in percent.
type drawnHeadline struct {
	Percent  float64
	Interval span
	Dataset  string
}

// promotionRow is a version becoming the champion.
type promotionRow struct {
	Version, Previous string
	By                string // "admin", "run", "undone"
	At                stamp
	Verdict           string // of the gate, or ""
	P                 string
	Override          bool
	Rollback          bool
}

// has says whether the page lists a version.
func (p *modelsPage) has(version string) bool {
	return slices.ContainsFunc(p.Rows, func(row modelRow) bool { return row.ID == version })
}

// modelsPage answers GET /models.
func (s *site) modelsPage(c echo.Context) error {
	page, err := s.newModelsPage(c)
	if err != nil {
		return err
	}
	switch query := c.QueryParams(); {
	case query.Has("promoted"):
		page.Note = &modelsNote{Kind: "promoted", Version: page.Champion}
	case versionID.MatchString(query.Get("deleted")) && !page.has(query.Get("deleted")):
		page.Note = &modelsNote{Kind: "deleted", Version: query.Get("deleted")}
	}
	for _, row := range page.Rows {
		if row.ID == c.QueryParam("delete") && row.CanDelete {
			page.Doomed = row.ID
		}
	}
	return s.render(c, "models.html", page)
}

// agreed is what is consented to by a press on the button under a failure of that
// kind.
var agreed = map[string]consent{"worse": toWorse, "incomparable": toAny}

// changeModels answers POST /models with action promote, rollback or delete.
func (s *site) changeModels(c echo.Context) error {
	if err := s.mayWrite(c); err != nil {
		return err
	}
	if err := readForm(c, mostForm); err != nil {
		return err
	}
	ctx, version := c.Request().Context(), c.FormValue("version")
	revision, _ := strconv.ParseUint(c.FormValue("revision"), 10, 64)
	to, action := "/models?promoted", c.FormValue("action")
	var err error
	switch action {
	case "promote":
		_, err = s.promote(ctx, version, agreed[c.FormValue("anyway")], revision)
		if run := c.FormValue("run"); run != "" {
			to = "/runs/" + url.PathEscape(run)
		}
	case "rollback":
		_, err = s.rollback(ctx, revision)
	case "delete":
		err = s.removeVersion(ctx, version)
		to = "/models?deleted=" + url.QueryEscape(version)
	default:
		return problem("bad-request", "The form asks for something else than promote, rollback or delete.", "")
	}
	if err == nil {
		return c.Redirect(http.StatusSeeOther, to)
	}
	return s.refuseChange(c, action, version, revision, err)
}

// refuseChange shows the versions as they are by now, and why nothing was changed.
func (s *site) refuseChange(c echo.Context, action, version string, revision uint64, err error) error {
	failure := modelsNote{Kind: failureKind(action, err), Version: version, Revision: revision}
	if failure.Kind == "" {
		return err
	}
	page, wrong := s.newModelsPage(c)
	if wrong != nil {
		return wrong
	}
	var refused *Problem
	var unfair *unfairError
	if errors.As(err, &refused) && refused.Gate != nil {
		failure.Gate, failure.P = refused.Gate, probability(language(c), refused.Gate.P)
	} else if errors.As(err, &unfair) {
		failure.Gate = &unfair.gate
	}
	page.Failure = &failure
	return s.renderStatus(c, http.StatusConflict, "models.html", page)
}

func failureKind(action string, err error) string {
	var refused *Problem
	var unfair *unfairError
	switch {
	case errors.As(err, &unfair):
		return "incomparable"
	case errors.As(err, &refused) && refused.Code == "worse":
		return "worse"
	case action == "rollback" && errors.Is(err, registry.ErrNotFound):
		return "nothing"
	}
	for _, known := range []struct {
		err  error
		kind string
	}{
		{registry.ErrConflict, "conflict"},
		{registry.ErrNotFound, "gone"},
		{registry.ErrDamaged, "gone"},
		{registry.ErrIsChampion, "champion"},
		{registry.ErrIsShipped, "shipped"},
	} {
		if errors.Is(err, known.err) {
			return known.kind
		}
	}
	return ""
}

func (s *site) newModelsPage(c echo.Context) (modelsPage, error) {
	ctx, lang := c.Request().Context(), language(c)
	page := modelsPage{Admin: s.admin(c), HasStore: s.store() == nil}
	champion, revision, err := s.registry().Champion(ctx)
	if err != nil {
		return page, err
	}
	page.Champion, page.Revision = champion.Version, revision
	list, err := s.registry().List(ctx)
	if err != nil {
		return page, err
	}
	for _, v := range list {
		row := newModelRow(v, champion.Version, lang)
		if row.Drawn != nil {
			page.DrawnOn = cmp.Or(page.DrawnOn, row.Drawn.Dataset)
		}
		page.Rows = append(page.Rows, row)
	}
	if !page.HasStore {
		return page, nil
	}
	promotions, err := s.registry().Promotions(ctx)
	if err != nil {
		return page, err
	}
	for _, p := range promotions {
		page.History = append(page.History, newPromotionRow(p, lang))
	}
	before, err := s.registry().Before(ctx)
	if errors.Is(err, registry.ErrNotFound) {
		return page, nil
	}
	page.Previous = before.Version
	return page, err
}

func newModelRow(v registry.Version, champion string, lang locale.Lang) modelRow {
	row := modelRow{
		Version: v, Champion: v.ID == champion, Percent: v.Accuracy * 100, Interval: newSpan(v.AccuracyInterval),
		SizeKB: float64(v.Size) / 1000, CanDelete: !v.Shipped && v.ID != champion,
	}
	if d := v.Drawn; d != nil {
		row.Drawn = &drawnHeadline{d.Accuracy * 100, newSpan(d.AccuracyInterval), d.Dataset}
	}
	if !v.Created.IsZero() {
		when := newStamp(lang, v.Created)
		row.When = &when
	}
	if v.Promoted != nil {
		crowned := newPromotionRow(*v.Promoted, lang)
		row.Crowned = &crowned
	}
	return row
}

func newPromotionRow(p registry.Promotion, lang locale.Lang) promotionRow {
	row := promotionRow{Version: p.Version, Previous: p.Previous, By: "run", At: newStamp(lang, p.At), Override: p.Override, Rollback: p.Rollback}
	switch p.By {
	case "", administrator:
		row.By = "admin"
	case registry.Undone:
		row.By = "undone"
	}
	if p.Gate != nil {
		row.Verdict, row.P = string(p.Gate.Verdict), probability(lang, p.Gate.P)
	}
	return row
}
