package main

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"maps"
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/labstack/echo/v4"

	"rakam/server/encoded"
	"rakam/server/locale"
)

// Page is what every template is given.
//
// Besides the fields, a template can call
//
//	t KEY [NAME VALUE]…   the text of KEY in the page's language
//	asset NAME            the address of a built file by its logical name
//	percent F DIGITS      the fraction F (1 is all): "%98,4", "98.4 %"
//	number F DIGITS       "0,977", "0.977"
//	integer N             "10.000", "10,000"
//	exactly F             with as many decimals as it has
type Page struct {
	Lang     locale.Lang
	Path     string           // of the address, as in "/report/seed"
	Query    url.Values       // of the address
	Version  string           // of this program
	Champion string           // ID of the version that is served, "" before it is loaded
	Admin    bool             // the reader may retrain, promote and approve
	LoggedIn bool             // who did so may log out; whoever is at the machine may not
	Store    string           // "", or why nothing can be trained or kept, in the page's language
	Strings  locale.Catalogue // texts for the page's script: "common." and the page's own
	Data     any              // what the page is about
}

// In is the address of this page in another language, the query else unchanged.
func (p Page) In(lang string) string {
	query := maps.Clone(p.Query)
	if query == nil {
		query = url.Values{}
	}
	query.Set("lang", lang)
	return "?" + query.Encode()
}

// Here is the address of this page.
func (p Page) Here() string {
	return p.Path + strings.TrimSuffix("?"+p.Query.Encode(), "?")
}

// Without is the address of this page with one name less in its query.
func (p Page) Without(name string) string {
	query := maps.Clone(p.Query)
	query.Del(name)
	return Page{Path: p.Path, Query: query}.Here()
}

// pages holds the parsed templates: one set for each page and language, because
// the functions of a set answer in its language.
type pages struct {
	texts map[locale.Lang]locale.Catalogue
	sets  map[locale.Lang]map[string]*template.Template
}

// loadPages parses layout.html with each other file of templates.
func loadPages(templates, locales fs.FS, built *assets) (*pages, error) {
	texts, err := locale.Load(locales)
	if err != nil {
		return nil, err
	}
	names, err := fs.Glob(templates, "*.html")
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, errors.New("there are no templates in ./web: start the server with --dev in the root of the repository")
	}
	p := &pages{texts: texts, sets: map[locale.Lang]map[string]*template.Template{}}
	for _, lang := range locale.Langs {
		p.sets[lang] = map[string]*template.Template{}
		for _, name := range names {
			if name == "layout.html" {
				continue
			}
			set, err := template.New(name).Funcs(pageFuncs(lang, texts[lang], built)).
				Option("missingkey=error").ParseFS(templates, "layout.html", name)
			if err != nil {
				return nil, err
			}
			p.sets[lang][name] = set
		}
	}
	return p, nil
}

func pageFuncs(lang locale.Lang, texts locale.Catalogue, built *assets) template.FuncMap {
	return template.FuncMap{
		"t":       texts.Text,
		"asset":   built.url,
		"percent": lang.Percent,
		"number":  lang.Number,
		"integer": lang.Integer,
		"words":   strings.Fields,
		"exactly": func(v float64) string { return exactly(lang, v) },
	}
}

// render writes the page of file, as in "draw.html", about data.
func (s *site) render(c echo.Context, file string, data any) error {
	return s.renderStatus(c, http.StatusOK, file, data)
}

func (s *site) renderStatus(c echo.Context, status int, file string, data any) error {
	front, err := s.frontEnd()
	if err != nil {
		return err
	}
	p, lang := front.pages, language(c)
	set, ok := p.sets[lang][file]
	if !ok {
		return fmt.Errorf("no template %s", file)
	}
	var html bytes.Buffer
	if err := set.ExecuteTemplate(&html, "layout", s.page(c, p.texts[lang], file, data)); err != nil {
		return err
	}
	header := c.Response().Header()
	header.Set("Content-Language", string(lang))
	header.Add("Vary", "Accept-Language, Cookie, "+languageHeader)
	blob := encoded.Fast("text/html; charset=utf-8", html.Bytes(), c.Request())
	if status != http.StatusOK {
		return blob.ServeStatus(c.Response(), c.Request(), status, "no-store")
	}
	return blob.Serve(c.Response(), c.Request(), "no-cache")
}

func (s *site) page(c echo.Context, texts locale.Catalogue, file string, data any) Page {
	r := c.Request()
	page := Page{
		Lang:     language(c),
		Path:     r.URL.Path,
		Query:    r.URL.Query(),
		Version:  programVersion(),
		Admin:    s.admin(c),
		LoggedIn: s.admin(c) && !s.atTheMachine(r),
		Store:    s.storeNotice(texts),
		Strings:  texts.Under("common", strings.TrimSuffix(file, path.Ext(file))),
		Data:     data,
	}
	if v := s.versions.Load(); v != nil {
		page.Champion = v.champion().ID
	}
	return page
}
