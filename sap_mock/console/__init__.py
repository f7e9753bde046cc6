"""The pages under /_mock/ for people: server-rendered, nothing fetched from elsewhere, no script needed."""
