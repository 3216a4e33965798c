import asyncio, time, sys
sys.path.insert(0, "/checkout/docs/site/lab/kernel")
