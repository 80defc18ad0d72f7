package main

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
)

func TestConfig(t *testing.T) {
	for _, c := range []struct {
		name string
		args string
		env  map[string]string
		want Config
	}{
		{name: "defaults", want: Config{Addr: "127.0.0.1:8080", Data: "data", Workers: 1, LogFormat: "text"}},
		{name: "flags", args: "--addr localhost:9 --log-level debug --log-format json --dev", want: Config{Addr: "localhost:9", Data: "data", Workers: 1, LogLevel: slog.LevelDebug, LogFormat: "json", Dev: true}},
		{name: "store and workers", args: "--data /tmp/x --nats nats://a:1,nats://b:1 --workers 0", want: Config{Addr: "127.0.0.1:8080", Data: "/tmp/x", NATS: "nats://a:1,nats://b:1", LogFormat: "text"}},
		{name: "store and workers from the environment", env: map[string]string{"RAKAM_DATA": "d", "RAKAM_NATS": "nats://a:1", "RAKAM_WORKERS": "3"},
			want: Config{Addr: "127.0.0.1:8080", Data: "d", NATS: "nats://a:1", Workers: 3, LogFormat: "text"}},
		{name: "environment", env: map[string]string{"RAKAM_ADDR": "[::1]:7", "RAKAM_LOG_LEVEL": "warn", "RAKAM_LOG_FORMAT": "json", "RAKAM_DEV": "true", "RAKAM_ADMIN_TOKEN": "s"},
			want: Config{Addr: "[::1]:7", Data: "data", Workers: 1, LogLevel: slog.LevelWarn, LogFormat: "json", Dev: true, AdminToken: "s"}},
		{name: "drawn digits", args: "--drawn a.tra@w25..w30", want: Config{Addr: "127.0.0.1:8080", Data: "data", Workers: 1, LogFormat: "text", Drawn: "a.tra@w25..w30"}},
		{name: "drawn digits from the environment", env: map[string]string{"RAKAM_DRAWN": "a.jsonl"}, want: Config{Addr: "127.0.0.1:8080", Data: "data", Workers: 1, LogFormat: "text", Drawn: "a.jsonl"}},
		{name: "PORT keeps the host", env: map[string]string{"PORT": "9000"}, want: Config{Addr: "127.0.0.1:9000", Data: "data", Workers: 1, LogFormat: "text"}},
		{name: "RAKAM_ADDR before PORT", env: map[string]string{"PORT": "9000", "RAKAM_ADDR": "127.0.0.1:1"}, want: Config{Addr: "127.0.0.1:1", Data: "data", Workers: 1, LogFormat: "text"}},
		{name: "flag before all", args: "--addr 127.0.0.1:2", env: map[string]string{"PORT": "9000", "RAKAM_ADDR": "127.0.0.1:1"}, want: Config{Addr: "127.0.0.1:2", Data: "data", Workers: 1, LogFormat: "text"}},
		{name: "public with a token", args: "--addr :80 --admin-token secret", want: Config{Addr: ":80", Data: "data", Workers: 1, AdminToken: "secret", LogFormat: "text"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out bytes.Buffer
			got, err := ParseConfig(strings.Fields(c.args), func(name string) string { return c.env[name] }, &out)
			if err != nil || got != c.want || out.Len() > 0 {
				t.Errorf("got %+v, %v, %q; want %+v", got, err, out.String(), c.want)
			}
		})
	}
}

func TestWrongUsage(t *testing.T) {
	for _, c := range []struct {
		name  string
		args  string
		env   map[string]string
		usage bool // exit 2 and a hint at the help, else exit 1
		want  string
	}{
		{name: "unknown flag", args: "--natz x", usage: true, want: "-natz"},
		{name: "argument", args: "serve", usage: true, want: `"serve"`},
		{name: "level", args: "--log-level loud", usage: true, want: `"loud" for flag -log-level: want debug, info, warn or error`},
		{name: "format", args: "--log-format xml", usage: true, want: "xml"},
		{name: "no port", args: "--addr localhost", usage: true, want: "host:port"},
		{name: "port out of range", args: "--addr 127.0.0.1:70000", usage: true, want: "70000"},
		{name: "port in words", env: map[string]string{"PORT": "http"}, usage: true, want: "http"},
		{name: "environment", env: map[string]string{"RAKAM_LOG_LEVEL": "loud"}, usage: true, want: "RAKAM_LOG_LEVEL"},
		{name: "too few workers", args: "--workers -1", usage: true, want: "0 to 64"},
		{name: "too many workers", args: "--workers 65", usage: true, want: "0 to 64"},
		{name: "workers in words", args: "--workers two", usage: true, want: "two"},
		{name: "no folder", args: "--data=", usage: true, want: "--data"},
		{name: "public", args: "--addr 0.0.0.0:80", want: "--admin-token"},
		{name: "every interface", args: "--addr :80", want: "--admin-token"},
		{name: "public by name", args: "--addr rakam.example:80", want: "--admin-token"},
		{name: "public with an empty token", args: "--addr :80 --admin-token=", want: "RAKAM_ADMIN_TOKEN"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out bytes.Buffer
			_, err := ParseConfig(strings.Fields(c.args), func(name string) string { return c.env[name] }, &out)
			if err == nil || errors.Is(err, errUsage) != c.usage {
				t.Fatalf("error %v, want usage: %t", err, c.usage)
			}
			said := out.String() + err.Error()
			if !strings.Contains(said, c.want) {
				t.Errorf("%q lacks %q", said, c.want)
			}
			if hinted := strings.Contains(said, "server --help"); hinted != c.usage || strings.Contains(said, "RAKAM_LOG_FORMAT") || strings.Contains(said, "Usage of") {
				t.Errorf("a hint at the help: %t, want %t, and no more; it says\n%s", hinted, c.usage, said)
			}
		})
	}
}

func TestHelp(t *testing.T) {
	var out bytes.Buffer
	_, err := ParseConfig([]string{"--help"}, func(string) string { return "" }, &out)
	if !errors.Is(err, errHelp) {
		t.Errorf("error %v", err)
	}
	for _, want := range []string{"--addr", "127.0.0.1:8080", "RAKAM_ADMIN_TOKEN", "behind a proxy", "--dev"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("help lacks %q:\n%s", want, &out)
		}
	}
}
