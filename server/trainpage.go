package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"rakam/server/locale"
	"rakam/trainer/recipe"
	"rakam/trainer/runs"
	"rakam/wasm/nn"
)

// trainPage is what train.html shows: the form, and the runs below it.
type trainPage struct {
	Admin    bool
	HasStore bool
	Problem  string // "wrong", "full", "reused": why the run was not started; "wrong.estimate", or ""
	Form     trainForm
	Recipes  []recipeOption
	Fields   []formField
	Focus    []focusField
	MaxFocus int
	// FocusWrong says that a weight is wrong, or all of them are 0.
	FocusWrong bool
	Join, Held int // approved corrections that train, and those held out
	Cost       *runCost
	Runs       []runRow
}

// recipeOption is a recipe to choose.
type recipeOption struct {
	recipe.Recipe
	Layers, Activations, Rate string
	Named                     bool // the catalogues say what it is for
	Chosen                    bool
}

// formField is a value of the form, as it was typed.
type formField struct {
	Name, Value string
	Min, Max    int // both 0 for a field without
	Wrong       bool
}

// focusField is the weight of a digit.
type focusField struct {
	Digit int
	Value string
	Wrong bool
}

// runCost is how long a run takes here.
type runCost struct {
	Source string // "measured", "run", "calibration", or "none" when nobody knows
	Time   string
	Epoch  string // seconds
	After  string // seconds to measure and compare, where Source is "measured"
}

// trainPage answers GET /train. The query fills the form, so that other pages can
// link to one that is half filled.
func (s *site) trainPage(c echo.Context) error {
	form := s.readTrainForm(c.QueryParams())
	if c.QueryParam("defaults") != "" { // asked for by those whose browser does not fill them in
		form.Epochs, form.BatchSize, form.LearningRate, form.Seed = "", "", "", ""
		clear(form.wrong)
	}
	if c.QueryParam("estimate") == "" || fromAnotherSite(c.Request()) || !s.admin(c) || s.store() != nil {
		return s.showTrain(c, http.StatusOK, s.newTrainPage(c, form))
	}
	request := form.request(s.training.find)
	if len(form.wrong) > 0 {
		return s.refuseRun(c, form, "wrong.estimate")
	}
	page := s.newTrainPage(c, form)
	page.Cost = s.cost(c.Request().Context(), request, language(c))
	return s.showTrain(c, http.StatusOK, page)
}

// startRun answers POST /train: the run's page, or the form with what is wrong
// marked in it.
func (s *site) startRun(c echo.Context) error {
	if err := s.requireAdmin(c); err != nil {
		return err
	}
	if err := s.store(); err != nil {
		return err
	}
	if err := readForm(c, mostForm); err != nil {
		return err
	}
	form := s.readTrainForm(c.Request().Form)
	request := form.request(s.training.find)
	if len(form.wrong) > 0 {
		return s.refuseRun(c, form, "wrong")
	}
	run, _, err := s.runs().Submit(c.Request().Context(), request, form.Key)
	var field *recipe.FieldError
	switch {
	case errors.As(err, &field):
		form.wrong[field.Field] = true
		return s.refuseRun(c, form, "wrong")
	case errors.Is(err, runs.ErrQueueFull):
		return s.refuseRun(c, form, "full")
	case errors.Is(err, runs.ErrKeyReused):
		form.Key = ""
		return s.refuseRun(c, form, "reused")
	case err != nil:
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/runs/"+run.ID)
}

func (s *site) refuseRun(c echo.Context, form trainForm, why string) error {
	page := s.newTrainPage(c, form)
	page.Problem = why
	return s.showTrain(c, http.StatusUnprocessableEntity, page)
}

func (s *site) showTrain(c echo.Context, status int, page trainPage) error {
	if page.HasStore {
		list, err := s.runs().List(c.Request().Context())
		if err != nil {
			return err
		}
		for _, r := range list {
			page.Runs = append(page.Runs, newRunRow(r, language(c)))
		}
	}
	if page.HasStore && page.Admin { // the form, which others are not shown, tells them
		train, held, err := s.registry().Approved(c.Request().Context())
		if err != nil {
			return err
		}
		page.Join, page.Held = len(train), len(held)
	}
	return s.renderStatus(c, status, "train.html", page)
}

func (s *site) newTrainPage(c echo.Context, form trainForm) trainPage {
	recipes, lang := s.training.recipes(), language(c)
	chosen, err := s.training.find(form.Recipe)
	if err != nil {
		chosen = recipes[0] // the address names one that is not there any more
	}
	if form.Key == "" {
		form.Key = rand.Text()
	}
	page := trainPage{Admin: s.admin(c), HasStore: s.store() == nil, Form: form, MaxFocus: recipe.MaxFocus, FocusWrong: form.wrong["focus"]}
	for _, r := range recipes {
		page.Recipes = append(page.Recipes, newRecipeOption(r, lang, r.Name == chosen.Name))
	}
	for _, f := range []formField{
		{Name: "epochs", Value: strconv.Itoa(chosen.Epochs), Min: 1, Max: runs.MaxEpochs},
		{Name: "batch_size", Value: strconv.Itoa(chosen.BatchSize), Min: chosen.MinBatchSize(), Max: recipe.MaxBatchSize},
		{Name: "learning_rate", Value: exactly(lang, chosen.Optimizer.LearningRate)},
		{Name: "seed", Value: strconv.FormatUint(chosen.Seed, 10)},
	} {
		if f.Wrong = form.wrong[f.Name]; f.Wrong || form.number(f.Name) != "" {
			f.Value = form.number(f.Name) // an emptied one stays empty
		}
		page.Fields = append(page.Fields, f)
	}
	for d := range nn.Classes {
		_, err := readNumber(form.Focus[d])
		page.Focus = append(page.Focus, focusField{d, cmp.Or(form.Focus[d], "1"), page.FocusWrong && form.Focus[d] != "" && err != nil})
	}
	return page
}

func newRecipeOption(r recipe.Recipe, lang locale.Lang, chosen bool) recipeOption {
	_, err := recipe.Find(r.Name)
	return recipeOption{r, arrows(r.Spec), activations(r.Spec), exactly(lang, r.Optimizer.LearningRate), err == nil, chosen}
}

// cost estimates a run for those whose browser does not ask by itself.
func (s *site) cost(ctx context.Context, request runs.Request, lang locale.Lang) *runCost {
	r, err := request.Build(s.training.find)
	if err != nil {
		return &runCost{Source: "none"}
	}
	estimate, err := s.estimator().Estimate(ctx, r, request.Corrections)
	if err != nil {
		s.log.Warn("no estimate", "error", err.Error())
		return &runCost{Source: "none"}
	}
	source := estimate.Source
	if estimate.MeasuringSeconds > 0 {
		source = "measured"
	}
	return &runCost{source, s.duration(lang, estimate.Seconds), lang.Number(estimate.SecondsPerEpoch, 1), lang.Number(estimate.MeasuringSeconds, 1)}
}

// trainForm is the form as it was sent. What was not sent is left as the recipe has
// it, and so is an empty weight of a digit.
type trainForm struct {
	Recipe, Epochs, BatchSize, LearningRate, Seed string
	Focus                                         [nn.Classes]string
	Corrections, Promote                          bool
	Key                                           string // so that sending it twice starts one run
	wrong                                         map[string]bool
}

func (s *site) readTrainForm(values url.Values) trainForm {
	get := func(name string) string { return strings.TrimSpace(values.Get(name)) }
	form := trainForm{
		Recipe: cmp.Or(get("recipe"), s.training.recipes()[0].Name), Epochs: get("epochs"), BatchSize: get("batch_size"),
		LearningRate: get("learning_rate"), Seed: get("seed"),
		Corrections: values.Has("corrections"), Promote: values.Has("promote"),
		Key: get("key"), wrong: map[string]bool{},
	}
	for _, name := range numbers { // one that somebody emptied: what they had in mind is not known
		if values.Has(name) && form.number(name) == "" {
			form.wrong[name] = true
		}
	}
	for d := range form.Focus {
		form.Focus[d] = get("focus_" + strconv.Itoa(d))
	}
	return form
}

// numbers are the fields with one number each.
var numbers = []string{"epochs", "batch_size", "learning_rate", "seed"}

// number returns what was sent of such a field.
func (f *trainForm) number(name string) string {
	return map[string]string{"epochs": f.Epochs, "batch_size": f.BatchSize, "learning_rate": f.LearningRate, "seed": f.Seed}[name]
}

// request is what the form asks for. Every value is tried by itself, so that all
// the wrong ones are marked at once.
func (f *trainForm) request(find func(string) (recipe.Recipe, error)) runs.Request {
	all := runs.Request{Recipe: f.Recipe, Corrections: f.Corrections, Promote: f.Promote}
	try := func(field string, err error, set func(*runs.Request)) {
		one := runs.Request{Recipe: f.Recipe}
		set(&one)
		set(&all)
		if err == nil {
			_, err = one.Build(find)
		}
		if err != nil {
			f.wrong[field] = true
		}
	}
	if f.Epochs != "" {
		n, err := strconv.Atoi(f.Epochs)
		try("epochs", err, func(q *runs.Request) { q.Epochs = &n })
	}
	if f.BatchSize != "" {
		n, err := strconv.Atoi(f.BatchSize)
		try("batch_size", err, func(q *runs.Request) { q.BatchSize = &n })
	}
	if f.LearningRate != "" {
		v, err := readNumber(f.LearningRate)
		try("learning_rate", err, func(q *runs.Request) { q.LearningRate = &v })
	}
	if f.Seed != "" {
		n, err := strconv.ParseUint(f.Seed, 10, 64)
		try("seed", err, func(q *runs.Request) { q.Seed = &n })
	}
	if focus, given, err := f.focus(); given {
		try("focus", err, func(q *runs.Request) { q.Focus = &focus })
	}
	return all
}

func (f *trainForm) focus() (focus recipe.Focus, given bool, err error) {
	for d, text := range f.Focus {
		focus[d] = 1
		if text == "" {
			continue
		}
		given = true
		v, wrong := readNumber(text)
		focus[d] = v
		err = errors.Join(err, wrong)
	}
	return focus, given, err
}

var errNoNumber = errors.New("no number")

// readNumber takes a decimal comma as well as a point.
func readNumber(text string) (float64, error) {
	v, err := strconv.ParseFloat(strings.Replace(text, ",", ".", 1), 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, errNoNumber
	}
	return v, nil
}

// exactly writes v with as many decimals as it has.
func exactly(lang locale.Lang, v float64) string {
	_, fraction, _ := strings.Cut(strconv.FormatFloat(v, 'f', -1, 64), ".")
	return lang.Number(v, len(fraction))
}

// runRow is a run in the list.
type runRow struct {
	ID, Recipe    string
	State         runs.State
	Place         int
	Epoch, Epochs int
	Accuracy      float64 // of the watched data after the last epoch, in percent
	Version       string
	Created       stamp
}

func newRunRow(r runs.Run, lang locale.Lang) runRow {
	row := runRow{
		ID: r.ID, Recipe: r.Recipe.Name, State: r.State, Place: r.Place, Epoch: r.Epoch, Epochs: r.Recipe.Epochs,
		Version: r.Version, Created: newStamp(lang, r.Created),
	}
	if n := len(r.History); n > 0 {
		row.Accuracy = r.History[n-1].ValAccuracy * 100
	}
	return row
}
