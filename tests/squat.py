"""The smallest exercise that is sound: tests write it into a workspace, and change it."""

SQUAT = """\
name: Squat
summary: Sit down and stand up with no chair.
position: standing
muscles: {primary: [quadriceps]}
steps:
  - title: Sit back
    do: [Bend your knees.]
errors:
  - {name: Knees fall in, looks_like: Your knees touch., correction: Push your knees out.}
progressions:
  - {name: Hold on, direction: easier, how: Hold on to a chair.}
avoid:
  - {condition: low-back-pain, basis: general}
"""
