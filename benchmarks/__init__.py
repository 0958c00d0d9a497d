"""Benchmarks: what each choice costs and gains, measured side by side in one run.

made       articles of any number, made from the samples
measuring  medians, memory, tables
lexical    is tantivy worth it, when SQLite comes with a full-text index?
embedding  is bfloat16 worth it?
adding     how fast do articles get into a library, and where does the time go?
asking     how long does an answer take, and where does the time go?
"""
