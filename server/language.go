package main

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"rakam/server/locale"
)

const languageCookie = "lang"

const year = 365 * 24 * time.Hour

// languageHeader is what a page's script sends, for more in the page's own language.
const languageHeader = "Rakam-Language"

// language returns the language of c's answer: that of the page whose script asks;
// else ?lang= wins and is remembered, then the remembered one, then what the browser
// asks for.
func language(c echo.Context) locale.Lang {
	if lang, ok := locale.Parse(c.Request().Header.Get(languageHeader)); ok {
		return lang
	}
	if lang, ok := locale.Parse(c.QueryParam("lang")); ok {
		c.Response().Header().Set("Set-Cookie", (&http.Cookie{
			Name:     languageCookie,
			Value:    string(lang),
			Path:     "/",
			MaxAge:   int(year.Seconds()),
			HttpOnly: true,
			Secure:   overTLS(c.Request()),
			SameSite: http.SameSiteLaxMode,
		}).String())
		return lang
	}
	if cookie, err := c.Cookie(languageCookie); err == nil {
		if lang, ok := locale.Parse(cookie.Value); ok {
			return lang
		}
	}
	return locale.Accept(c.Request().Header.Get("Accept-Language"))
}
