"""Turn HTML text into laid-out pages: WeasyPrint, its log as Problems, its plates proved."""
