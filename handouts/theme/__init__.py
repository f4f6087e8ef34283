"""Turn the model into HTML text: template chain, sandboxed Jinja2, words from a catalogue."""
