/* global document, location, globalThis */
import { Raindrop } from 'raindrop-js'
import { FeedbackButtons, RaindropProvider } from 'raindrop-js/react'
import { createRoot } from 'react-dom/client'

const words = {
  ltr: {
    question: 'Why is the sky blue?',
    answer:
      'Sunlight is scattered by the molecules of the air, and blue light, having a shorter wavelength, is scattered much more than red. So blue reaches your eyes from everywhere.',
    next: 'And why is it red in the evening?',
    reasons: ['Not correct', 'Too long', 'Did not answer', 'No sources'],
  },
  rtl: {
    question: 'لماذا السماء زرقاء؟',
    answer:
      'تتشتت أشعة الشمس بفعل جزيئات الهواء، والضوء الأزرق ذو الموجة الأقصر يتشتت أكثر بكثير من الأحمر، فيصل الأزرق إلى عينيك من كل مكان.',
    next: 'ولماذا تحمرّ في المساء؟',
    reasons: ['غير صحيح', 'طويل جدًا', 'لم يُجب', 'بلا مصادر'],
    labels: {
      group: 'التقييم',
      up: 'إجابة جيدة',
      down: 'إجابة سيئة',
      comment: 'أخبرنا بالمزيد',
      commentPlaceholder: 'ما الذي يمكن تحسينه؟',
      reasons: 'الأسباب',
      submit: 'إرسال',
      cancel: 'إلغاء',
      edit: 'تحسين الإجابة',
      editPlaceholder: 'اكتب إجابة أفضل',
      undo: 'تراجع',
      thanks: 'شكرًا لك',
      failed: 'لم يُرسل',
      retry: 'إعادة المحاولة',
      copy: 'نسخ',
      copied: 'تم النسخ',
      save: 'حفظ',
      undone: 'تم التراجع',
    },
  },
}

const query = new URLSearchParams(location.search)
const dir = query.get('dir') ?? 'ltr'
const text = words[dir]
document.documentElement.dir = dir
document.documentElement.lang = dir === 'rtl' ? 'ar' : 'en'

const client = new Raindrop({ relay: '/relay', storage: 'memory', userId: 'visitor', onError: () => undefined })
globalThis.client = client

createRoot(document.getElementById('app')).render(
  <RaindropProvider client={client} labels={text.labels}>
    <p className="question">{text.question}</p>
    <article>
      <p>{text.answer}</p>
      <FeedbackButtons
        eventId={query.has('streaming') ? null : 'event'}
        undoWindowMs={100}
        copy={{ text: text.answer }}
        edit={{ output: text.answer }}
        reasons={text.reasons.map((label, index) => ({ id: `reason_${index}`, label }))}
      />
    </article>
    <p className="question">{text.next}</p>
  </RaindropProvider>,
)
